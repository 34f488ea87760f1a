package io.github.diffusionhost.app.cli.faults

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import io.github.diffusionhost.engine.train.RunFiles
import io.github.diffusionhost.engine.train.TrainingPlan
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.writeText

private fun withEarlierDit(state: CheckpointState) =
  with(state) { CheckpointState(step(), images(), longs(), doubles(), strings() + ("plugin.dit" to "0.0.9")) }

/** Checkpoints that were made with other versions of plugins than those that are there. */
class OtherPluginsSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val made = folder.resolve("run/checkpoints/step-000002")
    val snapshots = folder.resolve("run/ema-snapshots")
    lateinit var earlier: Path

    beforeSpec {
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      val run = folder.resolve("run")
      val averages = "train.ema=[{use: power, width: 0.1}, {use: power, width: 0.2}]"
      val settings = listOf("train.steps=2", averages, "train.emaSnapshotEvery=1").flatMap { listOf("--set", it) }
      inProcess("run", "--config", "$config", "--run-dir", "$run", *settings.toTypedArray()).exit shouldBe 0
      val checkpoint = Checkpoint.open(made)
      val state = withEarlierDit(checkpoint.state())
      earlier =
        NDManager.newBaseManager().use { manager ->
          val weights = mapOf(RunFiles.MODEL to checkpoint.tensors(RunFiles.MODEL, manager))
          val texts = mapOf(RunFiles.CONFIG to checkpoint.text(RunFiles.CONFIG))
          CheckpointFolder(folder.resolve("earlier")).write(state, weights, texts)
        }
    }

    test("a checkpoint says which plugins made it") {
      TrainingPlan.plugins(Checkpoint.open(made).state()).keys shouldBe setOf("dit", "flowmatch", "glyphs")
    }

    fun commands(checkpoint: Path, out: String) =
      listOf(
        arrayOf("sample", "--checkpoint", "$checkpoint", "--count", "1", "--out", "$folder/$out.png"),
        arrayOf("export", "--format", "torchscript", "--checkpoint", "$checkpoint", "--out", "$folder/$out.pt"),
        arrayOf("evaluate", "--checkpoint", "$checkpoint", "--metrics", "novelty", "--count", "2"),
      )

    test("a plot of host ema warns once of another version, and of none where there is none") {
      val last = Checkpoint.open(snapshots.resolve("step-000002"))
      fun plot(run: Path) =
        inProcess(
          "ema",
          "--run",
          "$run",
          "--widths",
          "0.1,0.2",
          "--metric",
          "loss",
          "--images",
          "2",
          "--out",
          "$run/widths.svg",
        )
      val same = plot(folder.resolve("run"))
      same.exit shouldBe 0
      same.err shouldNotContain "other versions of plugins"
      val copy = folder.resolve("copy").also { folder.resolve("run").toFile().copyRecursively(it.toFile()) }
      NDManager.newBaseManager().use { manager ->
        val weights = last.files().filter { it.endsWith(".safetensors") }.associateWith { last.tensors(it, manager) }
        val state = withEarlierDit(last.state())
        CheckpointFolder(copy.resolve("ema-snapshots"))
          .write(state, weights, mapOf("config.yaml" to last.text("config.yaml")))
      }
      val other = plot(copy)
      other.exit shouldBe 0
      other.err.split("and results may differ: dit 0.0.9, now 0.1.0").size shouldBe 2
    }

    for (i in 0..2) {
      val name = commands(made, "x")[i][0]
      test("host $name warns once of another version, with both, and of none where there is none") {
        val ended = inProcess(*commands(earlier, "earlier-$i")[i])
        ended.exit shouldBe 0
        ended.err shouldContain "was made with other versions of plugins, and results may differ: dit 0.0.9, now 0.1.0"
        ended.err.split("other versions of plugins").size shouldBe 2
        inProcess(*commands(made, "made-$i")[i]).err shouldNotContain "other versions of plugins"
      }
    }
  })
