package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.index.NDIndex
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.floats.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.writeText

private const val STEPS = 4

/** Samplers that draw noise, with noise that is given: what another program drew. */
@Tags("Slow")
class StepNoiseSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))
    val folder = tempdir().toPath()
    val run = folder.resolve("run")

    fun file(name: String, noise: NDArray): Path =
      folder.resolve("$name.safetensors").also { SafetensorsWriter.write(it, mapOf("noise" to noise), mapOf()) }

    fun normal(vararg shape: Long): NDArray = manager.randomNormal(0f, 1f, Shape(*shape), DataType.FLOAT32)

    val start = normal(3, 1, 28, 28)
    val draws = normal(STEPS.toLong(), 3, 1, 28, 28)

    fun sample(steps: NDArray, vararg more: String) =
      inProcess(
        "sample",
        "--checkpoint",
        "$run",
        "--steps",
        "$STEPS",
        "--noise",
        "${file("start", start)}",
        "--step-noise",
        "${file("steps", steps)}",
        "--out",
        "$folder/out.safetensors",
        *more,
      )

    fun samples(steps: NDArray, vararg more: String): NDArray {
      sample(steps, *more).exit shouldBe 0
      return SafetensorsFile.open(folder.resolve("out.safetensors")).use { it.read("samples", manager) }
    }

    fun difference(a: NDArray, b: NDArray) = a.sub(b).abs().max().getFloat()

    beforeSpec {
      val config = folder.resolve("config.yaml")
      config.writeText(
        """
        model: { use: unet, channels: [8, 8], attention: [], layersPerBlock: 1, normGroups: 4, dropout: 0 }
        scheduler: { use: ddpm, clipSample: false }
        dataset: { use: glyphs, count: 20, mean: 0.5, std: 0.5 }
        train: { steps: 1, batchSize: 4, sampleEvery: 0, compile: false }
        sample: { sampler: ddim, steps: 2, count: 2 }
        """
          .trimIndent()
      )
      inProcess("run", "--config", "$config", "--run-dir", "$run").let { withClue(it.err) { it.exit shouldBe 0 } }
    }

    for ((sampler, options) in
      mapOf(
        "ddim" to listOf("--set", "sample.eta=1"),
        "ddpm" to listOf(),
        "dpmpp-2m-sde" to listOf(),
      )) {
      val chosen = (listOf("--sampler", sampler) + options).toTypedArray()

      test("$sampler takes the noise of its steps from a file, image by image, whatever the seed and the batch") {
        val all = samples(draws, *chosen)
        samples(draws, "--seed", "77", *chosen) shouldBe all
        // Unclipped images of an untrained network are large, and rounding is a share of them.
        difference(samples(draws, "--batch", "1", *chosen), all) shouldBeLessThan 1e-5f * all.abs().max().getFloat()
        // Another draw for image 1 in the second step changes image 1 alone.
        val other = draws.duplicate()
        other.set(NDIndex("1, 1"), 0f)
        val changed = samples(other, *chosen)
        for (image in 0L..2L) {
          val moved = difference(changed.get(image), all.get(image)) > 1e-3f
          withClue("image $image") { moved shouldBe (image == 1L) }
        }
      }
    }

    for ((words, row) in
      mapOf<String, Pair<() -> NDArray, Pair<List<String>, String>>>(
        "a sampler that draws nothing" to
          ({
            draws
          } to (listOf("--sampler", "dpmpp-2m") to "the sampler draws no noise in its steps")),
        "fewer draws than steps" to
          ({
            draws.get("0:2")
          } to (listOf("--sampler", "dpmpp-2m-sde") to "the sampler draws noise more than 2 times")),
        "noise for fewer images" to
          ({
            draws.get(":, 0:2")
          } to (listOf("--sampler", "ddpm") to "the steps of 3 images want (steps, 3, 1, 28, 28)")),
        "noise of another shape" to
          ({
            start
          } to (listOf("--sampler", "ddpm") to "tensor noise has shape (3, 1, 28, 28)")),
      )) {
      test("refused with one message: $words") {
        val out = folder.resolve("refused.safetensors")
        val failed = sample(row.first(), *row.second.first.toTypedArray(), "--out", "$out")
        failed.exit shouldBe 2
        failed.err shouldContain row.second.second
        out.exists() shouldBe false
      }
    }
  })
