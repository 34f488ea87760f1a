package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.evaluate.EvaluationFile
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.run.RunDirectory
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import java.util.SplittableRandom
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.writeText

private const val SNAPSHOT_EVERY = 4

/** One metric of images and one of the network; every 160 images are 10 steps. */
private const val METRICS =
  """
metrics:
  - { use: novelty, everyImages: 160, samples: 6, best: greatest, bestValue: median }
  - { use: pixel-error, everyImages: 320, images: 8 }
"""

private val FILES =
  listOf("model", "ema", "ema-1", "ema-2", "optimizer").map { "checkpoints/step-000060/$it.safetensors" } +
    (SNAPSHOT_EVERY..60 step SNAPSHOT_EVERY).map { "ema-snapshots/step-%06d/width-0.1.safetensors".format(it) } +
    "samples/step-000060.png"

/** Everything of a finished run that must not depend on interruptions. */
private class Left(folder: Path) {
  val files = FILES.associateWith { folder.resolve(it).readBytes().toList() }
  val losses =
    MetricsLog.read(RunDirectory(folder).metrics()).map { row -> row.step to row.values - "train/images_per_second" }

  val evaluations = EvaluationFile(RunDirectory(folder).evaluations()).all { error(it) }.map { it.copy(seconds = null) }
  val best = RunDirectory(folder).checkpoints().resolve("best").readSymbolicLink()

  fun shouldEqual(other: Left) {
    losses shouldBe other.losses
    evaluations shouldBe other.evaluations
    best shouldBe other.best
    files.filter { (name, bytes) -> bytes != other.files[name] }.keys shouldBe emptySet()
  }
}

/** Kills a real process; takes half a minute. */
class KilledRunSpec :
  FunSpec({
    val config = tempdir().toPath().resolve("tiny.yaml")
    lateinit var alone: Left

    beforeSpec {
      val power = "{ use: power, width: 0.1 }, { use: constant"
      val every = "emaSnapshotEvery: $SNAPSHOT_EVERY\n  checkpointEvery"
      config.writeText(TINY_RUN.replace("{ use: constant", power).replace("checkpointEvery", every) + METRICS)
      val folder = tempdir().toPath().resolve("alone")
      host("run", "--config", "$config", "--run-dir", "$folder").let { it.exit to it.err } shouldBe (0 to "")
      alone = Left(folder)
    }

    test("the best checkpoint is the one that the metric says") {
      val novelty = alone.evaluations.filter { it.metric == "novelty" }
      novelty.map { it.step } shouldBe listOf(10L, 20L, 30L, 40L, 50L, 60L)
      alone.evaluations.filter { it.metric == "pixel-error" }.map { it.step } shouldBe listOf(20L, 40L, 60L)
      val best = novelty.maxBy { checkNotNull(it.values["median"]) }
      "${alone.best}" shouldBe "step-%06d".format(best.step)
    }

    test("a run killed at random moments and resumed each time ends, bit for bit, as one left alone") {
      val folder = tempdir().toPath().resolve("killed")
      val random = SplittableRandom(System.nanoTime().also { println("KilledRunSpec: seed $it") })
      var process = HostProcess("run", "--config", "$config", "--run-dir", "$folder")
      var resumed = 0
      repeat(4) {
        process.awaitOutput("step ")
        Thread.sleep(random.nextLong(400))
        process.kill()
        process = HostProcess("run", "--resume", "$folder")
        resumed++
      }
      process.finish().exit shouldBe 0
      Left(folder).shouldEqual(alone)
    }

    test("a run killed in the middle of writing a checkpoint goes on from the one before") {
      val folder = tempdir().toPath().resolve("mid-write")
      val checkpoints = RunDirectory(folder).checkpoints()
      val process = HostProcess("run", "--config", "$config", "--run-dir", "$folder")
      fun aside() = checkpoints.exists() && checkpoints.listDirectoryEntries(".*").isNotEmpty()
      while (!aside()) Thread.onSpinWait()
      process.kill()
      host("run", "--resume", "$folder").exit shouldBe 0
      Left(folder).shouldEqual(alone)
      checkpoints.listDirectoryEntries().filter { it.name.startsWith(".") } shouldBe emptyList()
    }

    for (signal in listOf("INT", "TERM")) {
      test("SIG$signal saves, exits with 130, and the run goes on as if nothing had happened") {
        val folder = tempdir().toPath().resolve(signal)
        val process = HostProcess("run", "--config", "$config", "--run-dir", "$folder")
        process.awaitOutput("step ")
        process.signal(signal)
        val stopped = process.finish()
        stopped.exit shouldBe 130
        stopped.out shouldContain "host run --resume $folder"
        host("run", "--resume", "$folder").exit shouldBe 0
        Left(folder).shouldEqual(alone)
      }
    }
  })
