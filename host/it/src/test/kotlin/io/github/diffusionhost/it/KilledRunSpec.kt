package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.run.host
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

private const val SNAPSHOT_EVERY = 4

/** One metric of images and one of the network; every 160 images are 10 steps. */
private const val METRICS =
  """
metrics:
  - { use: novelty, everyImages: 160, samples: 6, best: greatest, bestValue: median }
  - { use: pixel-error, everyImages: 320, images: 8 }
"""

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

    test("a run killed in the middle of writing a checkpoint goes on from the one before") {
      val folder = tempdir().toPath().resolve("mid-write")
      val checkpoints = RunDirectory(folder).checkpoints()
      val process = HostProcess("run", "--config", "$config", "--run-dir", "$folder")
      fun aside() = checkpoints.exists() && checkpoints.listDirectoryEntries(".*").isNotEmpty()
      while (process.alive() && !aside()) Thread.onSpinWait()
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
