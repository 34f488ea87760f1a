package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeText

private fun contents(root: Path): Map<String, Int> =
  Files.walk(root).use { all ->
    all.toList().filter(Files::isRegularFile).associate { "$it" to it.readBytes().contentHashCode() }
  }

private fun rows(run: Path) =
  MetricsLog.read(run.resolve("metrics.jsonl")).map { it.step() to it.values() - "train/images_per_second" }

private fun digests(vararg runs: Path) = runs.map {
  val images = Manifest.parse(it.resolve("manifest.json").readText()).dataset
  "${images.images} of ${images.shape.joinToString("x")}, sha256 ${images.sha256.take(12)}…"
}

/** A fork is a new run with everything of another one's checkpoint. */
@Tags("Slow")
class ForkSpec :
  FunSpec({
    val folder = tempdir().toPath().toRealPath()
    val config = folder.resolve("tiny.yaml")
    val run = folder.resolve("run")

    fun fork(from: String, name: String, vararg more: String) =
      inProcess("run", "--fork", from, "--run-dir", "${folder.resolve(name)}", *more)

    beforeSpec {
      config.writeText(TINY_RUN)
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=12").exit shouldBe 0
    }

    test("a fork without changes ends, bit for bit, as its parent, which is not touched") {
      val before = contents(run)
      val ended = fork("$run@6", "same")
      ended.exit to ended.err shouldBe (0 to "")
      val same = folder.resolve("same")
      for (file in listOf("model", "ema", "ema-1", "optimizer").map { "checkpoints/step-000012/$it.safetensors" }) {
        withClue(file) { same.resolve(file).readBytes().toList() shouldBe run.resolve(file).readBytes().toList() }
      }
      rows(same) shouldBe rows(run).filter { it.first > 6 }
      contents(run) shouldBe before
    }

    test("the parent is in the manifest, and the checkpoint that it began with in its own folder") {
      val same = folder.resolve("same")
      val manifest = Manifest.parse(same.resolve("manifest.json").readText())
      manifest.parent?.run shouldBe "$run"
      manifest.parent?.step shouldBe 6
      manifest.changes shouldBe emptyList()
      same.resolve("checkpoints/step-000006/state.json").exists() shouldBe true
      same.resolve("report.html").readText() shouldContain "$run at step 6"
    }

    test("what the parent refuses on resume, a fork changes, and tells") {
      val ended = fork("$run@6", "other", "--set", "seed=5", "--set", "train.ema.0.use=constant", "--device", "cpu")
      ended.exit to ended.err shouldBe (0 to "")
      ended.out shouldContain "From step 6 on: seed 5 instead of 0"
      val manifest = Manifest.parse(folder.resolve("other/manifest.json").readText())
      manifest.changes.orEmpty().map { listOf(it.step, it.key, it.from, it.to) } shouldBe
        listOf(
          listOf(6L, "seed", "0", "5"),
          listOf(6L, "device", "auto", "cpu"),
          listOf(6L, "train.ema.0.use", "ramp", "constant"),
          // glyphs are drawn from the seed
          listOf(6L, "images of the dataset") + digests(run, folder.resolve("other")),
        )
      manifest.seed shouldBe 5
    }

    test("a fork of a checkpoint's folder is one of its step") {
      fork("$run/checkpoints/step-000009", "step").exit shouldBe 0
      Manifest.parse(folder.resolve("step/manifest.json").readText()).parent?.let { it.run to it.step } shouldBe
        ("$run" to 9L)
    }

    test("a fork can be gone on with, and its parent moved away") {
      inProcess("run", "--resume", "${folder.resolve("step")}", "--set", "train.steps=13").exit shouldBe 0
      Manifest.parse(folder.resolve("step/manifest.json").readText()).parent?.step shouldBe 9
    }

    listOf(
        Triple("train.optimizer={use: sgd, lr: 1e-3}", "state of the optimizer", "optimizer"),
        Triple("train.ema=[{ use: ramp, decay: 0.99 }]", "average ema-1", "ema-1"),
      )
      .forEach { (setting, part, file) ->
        test("a fork with $setting says that the $part is left out, in a line and in the manifest") {
          val ended = fork("$run@6", "without-$file", "--set", setting)
          withClue(ended.err) { ended.exit shouldBe 0 }
          val tensors =
            SafetensorsFile.open(run.resolve("checkpoints/step-000006/$file.safetensors")).use { it.tensors().size }
          ended.out shouldContain "From step 6 on: $part nothing of that instead of $tensors tensors"
          val changes = Manifest.parse(folder.resolve("without-$file/manifest.json").readText()).changes.orEmpty()
          changes.single { it.key == part }.let { listOf(it.step, it.from, it.to) } shouldBe
            listOf(6L, "$tensors tensors", "nothing of that")
        }
      }

    test("a fork with a network that has no place for all weights is refused") {
      val deep = folder.resolve("deep")
      val two = arrayOf("--set", "model.layers=2", "--set", "train.steps=3")
      inProcess("run", "--config", "$config", "--run-dir", "$deep", *two).exit shouldBe 0
      val ended = fork("$deep", "less", "--set", "model.layers=1", "--set", "train.steps=6")
      withClue(ended.err) { ended.exit shouldBe 1 }
      ended.err shouldContain "the state does not fit the config: model.safetensors has "
      ended.err shouldContain " tensors that the config has no place for; to begin with its weights: "
      folder.resolve("less").exists() shouldBe false
    }

    listOf(
        "model.layers=2" to "has no tensor",
        "train.batchSize=8" to "keeps its batch size",
        "train.ema=[{use: constant}, {use: constant}, {use: constant}]" to "ema-2.safetensors",
      )
      .forEach { (setting, words) ->
        test("a fork with $setting, which the state does not fit, says so and leaves the parent alone") {
          val before = contents(run)
          val ended = fork("$run@6", "misfit-${setting.hashCode()}", "--set", setting)
          ended.exit shouldBe 1
          ended.err shouldContain "the state does not fit the config"
          ended.err shouldContain words
          ended.err shouldContain "train.from="
          contents(run) shouldBe before
          folder.resolve("misfit-${setting.hashCode()}").exists() shouldBe false
        }
      }

    listOf(
        "$run@7" to "steps: 3, 6, 9, 12",
        "$run@last" to "last is no step",
        "" to "--fork is empty: name a run",
        "$folder/nowhere" to "there is no such run",
        "$folder/nowhere@3" to "is no run",
        "$folder" to "neither a run nor a checkpoint",
      )
      .forEach { (from, words) ->
        test("--fork $from is refused: $words") {
          val ended = fork(from.replace("\$folder", "$folder"), "never")
          ended.exit shouldBe 2
          ended.err shouldContain words
          folder.resolve("never").exists() shouldBe false
        }
      }

    test("--fork with other weights to begin with is refused: a fork has its parent's") {
      val ended = fork("$run@6", "never", "--set", "train.from=$run", "--set", "train.steps=9")
      withClue(ended.err) { ended.exit shouldBe 2 }
      ended.err shouldContain "--fork $run@6 begins with everything of a checkpoint, and train.from with other weights"
      ended.err shouldContain "/config.yaml --set train.from=$run --set train.steps=9"
      folder.resolve("never").exists() shouldBe false
    }

    test("a fork of a run that began with weights keeps that they were there") {
      val begun = folder.resolve("begun")
      val from = arrayOf("--set", "train.from=$run", "--set", "train.steps=3")
      inProcess("run", "--config", "$config", "--run-dir", "$begun", *from).exit shouldBe 0
      fork("$begun", "of-begun", "--set", "train.steps=6").let { withClue(it.err) { it.exit shouldBe 0 } }
    }
  })
