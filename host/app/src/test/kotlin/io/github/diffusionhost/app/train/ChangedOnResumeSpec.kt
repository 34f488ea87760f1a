package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.log.MetricsLog
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private fun Path.manifest() = Manifest.parse(resolve("manifest.json").readText())

private fun Path.changes() = manifest().changes.orEmpty().map { listOf(it.step, it.key, it.from, it.to) }

/** What is changed when a run is gone on with is told everywhere, and stays. */
@Tags("Slow")
class ChangedOnResumeSpec :
  FunSpec({
    val folder = tempdir().toPath().toRealPath()
    val config = folder.resolve("tiny.yaml")
    val run = folder.resolve("run")

    fun resume(vararg more: String, root: Path = run) = inProcess("run", "--resume", "$root", *more)

    beforeSpec {
      config.writeText(TINY_RUN)
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=6").exit shouldBe 0
    }

    test("a change is a line, in the manifest with its step, in the report and in config.yaml, and stays") {
      val ended = resume("--set", "train.steps=9", "--set", "train.optimizer.lr=0.5e-3", "--set", "train.logEvery=1")
      ended.exit to ended.err shouldBe (0 to "")
      ended.out shouldContain "From step 6 on: train.optimizer.lr 5.0e-4 instead of 0.001"
      val told =
        listOf(
          listOf(6L, "train.steps", "6", "9"),
          listOf(6L, "train.optimizer.lr", "0.001", "5.0e-4"),
          listOf(6L, "train.logEvery", "4", "1"),
        )
      run.changes() shouldBe told
      run.resolve("config.yaml").readText() shouldContain "lr: 5.0e-4"
      run.resolve("report.html").readText().let {
        it shouldContain "What changed on the way"
        it shouldContain "train.optimizer.lr"
      }
      MetricsLog.read(run.resolve("metrics.jsonl")).map { it.step() } shouldBe listOf(4L, 6L, 7L, 8L, 9L)

      // A plain resume has the new options and changes nothing.
      resume().let { it.exit to it.err } shouldBe (0 to "")
      run.changes() shouldBe told
      resume("--set", "train.steps=10").exit shouldBe 0
      run.changes() shouldBe told + listOf(listOf(9L, "train.steps", "9", "10"))
      run.resolve("checkpoints/step-000010/config.yaml").readText() shouldContain "lr: 5.0e-4"
    }

    test("a change that came to no checkpoint can be taken back") {
      val copy = folder.resolve("back")
      run.toFile().copyRecursively(copy.toFile())
      val before = copy.changes()
      resume("--set", "train.clipNorm=3", root = copy).exit shouldBe 0
      copy.changes() shouldBe before + listOf(listOf(10L, "train.clipNorm", "2.0", "3.0"))
      resume("--set", "train.clipNorm=2", root = copy).exit shouldBe 0
      copy.changes() shouldBe before
    }

    test("a config.yaml that a person has edited is a change like another") {
      val copy = folder.resolve("edited")
      run.toFile().copyRecursively(copy.toFile())
      val file = copy.resolve("config.yaml")
      file.writeText(file.readText().replace("steps: 10", "steps: 11"))
      resume(root = copy).exit shouldBe 0
      copy.changes() shouldContain listOf(10L, "train.steps", "10", "11")
      file.writeText(file.readText().replace("seed: 0", "seed: 3"))
      resume(root = copy).let {
        it.exit shouldBe 2
        it.err shouldContain "seed, which is 0 and would be 3"
        it.err shouldContain "host run --fork $copy --set seed=3"
      }
    }

    test("options that an earlier program changed without a word are those of the checkpoint, and that is said") {
      val copy = folder.resolve("before")
      run.toFile().copyRecursively(copy.toFile())
      val file = copy.resolve("config.yaml")
      file.writeText(file.readText().replace("lr: 5.0e-4", "lr: 0.001"))
      val manifest = copy.resolve("manifest.json")
      val json = copy.manifest()
      manifest.writeText(json.copy(changes = null, newestCheckpoint = null).toJson())
      val ended = resume("--set", "train.steps=12", root = copy)
      ended.exit shouldBe 0
      ended.err shouldContain "differs from the config of the newest checkpoint in train.optimizer.lr"
      copy.resolve("checkpoints/step-000012/config.yaml").readText() shouldContain "lr: 5.0e-4"
      file.readText() shouldContain "lr: 5.0e-4"
      resume(root = copy).err shouldBe ""
    }

    test("a plugin of another version or jar and another PyTorch are warnings with both, once, and recorded") {
      val copy = folder.resolve("parts")
      run.toFile().copyRecursively(copy.toFile())
      val manifest = copy.manifest()
      val plugins =
        manifest.plugins.map { if (it.id == "dit") it.copy(version = "0.0.9", sha256 = "e".repeat(64)) else it }
      copy.resolve("manifest.json").writeText(manifest.copy(plugins = plugins, pytorch = "2.6.0").toJson())
      val ended = resume("--set", "train.steps=11", root = copy)
      ended.exit shouldBe 0
      ended.err shouldContain "plugin dit was 0.0.9 (sha256 eeeeeeeeeeee…) and is 0.1.0"
      ended.err shouldContain "PyTorch was 2.6.0 and is"
      copy
        .manifest()
        .changes
        .orEmpty()
        .filter { it.key == "plugin dit" || it.key == "PyTorch" }
        .map { it.step } shouldBe listOf(10L, 10L)
      resume(root = copy).err shouldNotContain "plugin dit"
    }

    test("a damaged newest checkpoint: the one before, and all that was beyond is kept") {
      val copy = folder.resolve("behind")
      run.toFile().copyRecursively(copy.toFile())
      val rows = copy.resolve("metrics.jsonl").readText()
      val weights = copy.resolve("checkpoints/step-000010/model.safetensors")
      weights.writeBytes(weights.readBytes().also { it[it.size - 5] = (it[it.size - 5] + 1).toByte() })
      val ended = resume(root = copy)
      ended.exit shouldBe 0
      ended.out shouldContain "Goes on from step 9"
      val kept = copy.resolve("set-aside/1-beyond-step-9")
      kept.resolve("metrics.jsonl").readText() shouldBe rows
      kept.resolve("checkpoints/step-000010/model.safetensors").exists() shouldBe true
      kept.resolve("samples/step-000010.png").exists() shouldBe true
      copy.resolve("checkpoints/step-000010/model.safetensors").readBytes().toList() shouldBe
        run.resolve("checkpoints/step-000010/model.safetensors").readBytes().toList()
    }

    test("a run that was stopped before its first checkpoint begins again") {
      val copy = folder.resolve("early")
      run.toFile().copyRecursively(copy.toFile())
      copy.resolve("checkpoints").toFile().deleteRecursively()
      copy.resolve("checkpoints").toFile().mkdir()
      copy.resolve("manifest.json").writeText(copy.manifest().copy(newestCheckpoint = null).toJson())
      resume(root = copy).exit shouldBe 0
      copy.manifest().newestCheckpoint shouldBe 10
    }
  })
