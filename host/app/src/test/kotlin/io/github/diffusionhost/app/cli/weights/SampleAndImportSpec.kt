package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeText

private fun read(file: Path, name: String, manager: NDManager): NDArray =
  SafetensorsFile.open(file).use { it.read(name, manager) }

/** The command line from end to end. */
@Tags("Slow")
class SampleAndImportSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")
    val config = folder.resolve("tiny.yaml")
    val manager = autoClose(NDManager.newBaseManager())

    fun sample(vararg arguments: String) = inProcess("sample", "--checkpoint", "$run", *arguments)

    fun samples(name: String, vararg arguments: String): NDArray {
      val out = folder.resolve("$name.safetensors")
      sample("--out", "$out", *arguments).let {
        it.exit to it.err.lines().filter { line -> "images" !in line && line.isNotEmpty() }
      } shouldBe (0 to emptyList())
      return read(out, "samples", manager)
    }

    fun shouldBeNear(a: NDArray, b: NDArray) =
      a.toFloatArray().zip(b.toFloatArray().toList()).forEach { (x, y) -> x shouldBe (y plusOrMinus 1e-4f) }

    beforeSpec {
      config.writeText(TINY_RUN)
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=6").exit shouldBe 0
    }

    test("samples to a grid, a folder and a tensor file") {
      sample("--count", "5", "--out", "$folder/grid.png").exit shouldBe 0
      (ImageIO.read(folder.resolve("grid.png").toFile()).width > 3 * 28) shouldBe true
      sample("--count", "5", "--out", "$folder/pngs/").exit shouldBe 0
      folder.resolve("pngs").listDirectoryEntries().map { it.name }.sorted() shouldBe
        (0..4).map { "%06d.png".format(it) }
      ImageIO.read(folder.resolve("pngs/000000.png").toFile()).let { it.width to it.height } shouldBe (28 to 28)
      val tensors = samples("both", "--count", "5")
      tensors.shape.shape.toList() shouldBe listOf(5L, 1L, 28L, 28L)
      val bytes = read(folder.resolve("both.safetensors"), "images", manager)
      bytes.dataType shouldBe ai.djl.ndarray.types.DataType.UINT8
      val pixel = tensors.toFloatArray()[100]
      (bytes.toByteArray()[100].toInt() and 255) shouldBe Math.round((pixel * 0.3081f + 0.5f) * 255).coerceIn(0, 255)
    }

    test("weights that are no numbers are told of when they are read, and no black picture is made of them") {
      val broken = folder.resolve("broken.safetensors")
      val checkpoint = run.resolve("checkpoints/step-000006/model.safetensors")
      val tensors = SafetensorsFile.open(checkpoint).use { it.readAll(manager) }
      val name = tensors.keys.last()
      tensors.getValue(name).set(ai.djl.ndarray.index.NDIndex("..."), Float.NaN)
      SafetensorsWriter.write(broken, tensors, mapOf())
      val imported = folder.resolve("imported-broken")
      val taken = inProcess("import", "--config", "$config", "--weights", "$broken", "--out", "$imported")
      val words = "1 of ${tensors.size} tensors hold values that are not numbers, or infinite, such as $name"
      (taken.exit to (words in taken.err)) shouldBe (0 to true)
      val picture = folder.resolve("black.png")
      val sampled = inProcess("sample", "--checkpoint", "$imported", "--count", "2", "--out", "$picture")
      sampled.exit shouldBe 1
      sampled.err shouldContain words
      sampled.err shouldContain "image 0: the network's output is not a number"
      picture.exists() shouldBe false
    }

    test("image i does not depend on the batch, and follows the seed") {
      val all = samples("all", "--count", "5")
      shouldBeNear(samples("two", "--count", "5", "--batch", "2"), all)
      samples("seed", "--count", "5", "--seed", "9").toFloatArray().toList() shouldNotBe all.toFloatArray().toList()
    }

    test("given noise is where the images start, and says how many there are") {
      val noise =
        manager.randomNormal(0f, 1f, ai.djl.ndarray.types.Shape(3, 1, 28, 28), ai.djl.ndarray.types.DataType.FLOAT32)
      SafetensorsWriter.write(folder.resolve("noise.safetensors"), mapOf("noise" to noise), mapOf())
      val three = samples("from-noise", "--noise", "$folder/noise.safetensors")
      three.shape[0] shouldBe 3L
      shouldBeNear(samples("from-noise-1", "--noise", "$folder/noise.safetensors", "--batch", "1"), three)
    }

    test("sampler, steps, labels, guidance and weights can be chosen") {
      val plain = samples("plain", "--count", "2").toFloatArray().toList()
      for ((name, options) in
        mapOf(
          "heun" to listOf("--sampler", "heun", "--steps", "10"),
          "steps" to listOf("--steps", "9"),
          "labels" to listOf("--labels", "7"),
          "guidance" to listOf("--guidance", "3"),
          "weights" to listOf("--weights", "model"),
          "second-average" to listOf("--weights", "ema-1"),
        )) {
        samples(name, "--count", "2", *options.toTypedArray()).toFloatArray().toList() shouldNotBe plain
      }
    }

    for ((words, row) in
      mapOf(
        "an unknown sampler" to (listOf("--sampler", "eulr", "--out", "x.png") to "did you mean euler"),
        "a sampler by the option that was typed" to
          (listOf("--sampler", "eulr", "--out", "x.png") to "--sampler eulr: sample.sampler: "),
        "labels that are none" to (listOf("--labels", "a,b", "--out", "x.png") to "--labels a,b: sample.labels"),
        "a guidance that is none" to
          (listOf("--guidance", "much", "--out", "x.png") to "--guidance much: sample.guidance: "),
        "a label that is not there" to (listOf("--labels", "10", "--out", "x.png") to "labels are 0 to 9"),
        "an ending that is nothing" to (listOf("--out", "x.jpg") to "name a .png or .safetensors file"),
        "weights that are not there" to
          (listOf("--weights", "best", "--out", "x.png") to "the checkpoint has model, ema, ema-1"),
        "noise that is no file" to
          (listOf("--noise", "nowhere.safetensors", "--out", "x.png") to "nowhere.safetensors"),
        "no steps" to (listOf("--steps", "0", "--out", "x.png") to "--steps"),
        "a preview of nothing" to (listOf("--preview-every", "0", "--out", "x.png") to "--preview-every"),
      )) {
      test("one clear message for $words") {
        val failed = sample(*row.first.toTypedArray())
        failed.exit shouldNotBe 0
        failed.err shouldContain row.second
        failed.err shouldNotContain "\tat "
      }
    }

    test("foreign weights become a checkpoint, whatever their common prefix, and sample as the ones they are") {
      val network = folder.resolve("network.yaml")
      network.writeText(
        TINY_RUN.replace(
          Regex("dataset: .*"),
          "dataset: { use: none, shape: [1, 28, 28], classes: 10, mean: 0.5, std: 0.3081 }",
        )
      )
      val expected = samples("own", "--count", "3", "--weights", "model")
      val own = run.resolve("checkpoints/step-000006/model.safetensors")
      val tensors = SafetensorsFile.open(own).use { it.readAll(manager) }
      for ((prefix, drop) in
        listOf("" to "", "nn_model." to "", "" to "transformer_model.", "module.net." to "transformer_model.")) {
        val out = folder.resolve("imported-$prefix$drop")
        val file = folder.resolve("foreign.safetensors")
        SafetensorsWriter.write(file, tensors.mapKeys { prefix + it.key.removePrefix(drop) }, mapOf())
        inProcess("import", "--config", "$network", "--weights", "$file", "--out", "$out").let {
          it.exit to it.err
        } shouldBe (0 to "")
        out.resolve("model.safetensors").readBytes().toList() shouldBe own.readBytes().toList()
        val sampled = folder.resolve("sampled.safetensors")
        inProcess("sample", "--checkpoint", "$out", "--count", "3", "--out", "$sampled").exit shouldBe 0
        shouldBeNear(read(sampled, "samples", manager), expected)
      }
    }

    test("foreign weights that do not fit are refused by name") {
      val network = folder.resolve("other.yaml")
      network.writeText(
        TINY_RUN.replace(Regex("dataset: .*"), "dataset: { use: none, shape: [1, 28, 28], classes: 10 }")
          .replace("layers: 1", "layers: 2")
      )
      val own = run.resolve("checkpoints/step-000006/model.safetensors")
      val failed = inProcess("import", "--config", "$network", "--weights", "$own", "--out", "$folder/refused")
      failed.exit shouldBe 1
      failed.err shouldContain "the network's transformer_model.blocks.1.adanorm.linear.weight"
      failed.err shouldNotContain "\tat "
    }
  })
