package io.github.diffusionhost.app.cli

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.exists
import kotlin.io.path.writeText

/** Options of a command that would be cut short or ignored beside one another are wrong usage. */
class IgnoredOptionsSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")
    val unlabelled = folder.resolve("unlabelled")

    beforeSpec {
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      fun train(place: String, vararg more: String) =
        inProcess("run", "--config", "$config", "--run-dir", "$folder/$place", "--set", "train.steps=2", *more)
      train("run", "--set", "metrics=[{use: pixel-error}, {use: novelty}]").exit shouldBe 0
      val without = listOf("model.classConditional=false", "train.labelDropout=0", "sample.guidance=1")
      train("unlabelled", *without.flatMap { listOf("--set", it) }.toTypedArray()).let {
        withClue(it.err) { it.exit shouldBe 0 }
      }
      NDManager.newBaseManager("PyTorch").use { manager ->
        val noise = manager.randomNormal(0f, 1f, Shape(2, 1, 28, 28), DataType.FLOAT32)
        SafetensorsWriter.write(folder.resolve("two.safetensors"), mapOf("noise" to noise), mapOf())
      }
    }

    val sample = listOf("sample", "--checkpoint", "$run", "--out", "$folder/x.png")
    val evaluate = listOf("evaluate", "--checkpoint", "$run", "--metrics", "novelty")
    val ema = listOf("ema", "--run", "$run", "--width", "0.1", "--out", "$folder/e")

    class Row(val arguments: List<String>, val message: String)

    (listOf(
        Row(sample + listOf("--labels", "1,2,3", "--count", "2"), "3 labels and --count 2"),
        Row(sample + listOf("--set", "sample.labels=[1,2,3]", "--count", "2"), "3 labels and --count 2"),
        Row(sample + listOf("--labels", "1,2,3", "--noise", "$folder/two.safetensors"), "3 labels and --count 2"),
        Row(
          listOf("sample", "--checkpoint", "$unlabelled", "--out", "$folder/x.png", "--labels", "1"),
          "this network uses no labels",
        ),
        Row(sample + listOf("--count", "2", "--set", "sample.count=3"), "--count and --set sample.count say the same"),
        Row(sample + listOf("--steps", "2", "--set", "sample.steps=3"), "--steps and --set sample.steps say the same"),
        Row(sample + listOf("--seed", "2", "--set", "seed=3"), "--seed and --set seed say the same"),
        Row(evaluate + listOf("--seed", "2", "--set", "seed=3"), "--seed and --set seed say the same"),
        Row(evaluate + listOf("--device", "cpu", "--set", "device=cpu"), "--device and --set device say the same"),
        Row(
          listOf("run", "--config", "x.yaml", "--device", "cpu", "--set", "device=cpu"),
          "--device and --set device say the same",
        ),
        Row(
          listOf("bench", "--config", "x.yaml", "--device", "cpu", "--set", "device=cpu"),
          "--device and --set device say the same",
        ),
        Row(
          listOf("memory", "--config", "x.yaml", "--device", "cpu", "--set", "device=cpu"),
          "--device and --set device say the same",
        ),
        Row(
          listOf("evaluate", "--checkpoint", "$run", "--metrics", "novelty,novelty"),
          "novelty is named twice",
        ),
        Row(
          evaluate + listOf("--set", "metrics.pixel-error.samples=3"),
          "for a metric that is not measured: add pixel-error to --metrics",
        ),
        Row(
          evaluate + listOf("--set", "metrics.0.samples=3"),
          "for a metric that is not measured: add pixel-error to --metrics",
        ),
      ) +
        listOf(
            "--metric loss",
            "--value x",
            "--best least",
            "--images 3",
            "--seed 3",
            "--set seed=3",
            "--device cpu",
            "--trust-scripts",
          )
          .map { Row(ema + it.split(' '), "${it.substringBefore(' ')} goes with --widths: leave it out") })
      .forEach { row ->
        test("host ${row.arguments.joinToString(" ")} is wrong usage") {
          val ended = inProcess(*row.arguments.toTypedArray())
          withClue(ended.err) { ended.exit shouldBe 2 }
          ended.err shouldContain row.message
          folder.resolve("x.png").exists() shouldBe false
        }
      }

    test("fewer labels than images are taken in turn, and an unlabelled network samples without any") {
      inProcess(*sample.toTypedArray(), "--labels", "1,2,3", "--count", "4").exit shouldBe 0
      inProcess("sample", "--checkpoint", "$unlabelled", "--count", "2", "--out", "$folder/u.png").exit shouldBe 0
    }
  })
