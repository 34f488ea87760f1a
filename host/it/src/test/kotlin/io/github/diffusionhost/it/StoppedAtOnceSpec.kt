package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** More tries than in every build: `-Ddiffusionhost.stops=20`. */
private val TRIES = Integer.getInteger("diffusionhost.stops", 2)

/** Several threads, more than a machine of two cores has, that compute for some seconds a step. */
private val BUSY = mapOf("OMP_NUM_THREADS" to "4")
private val LARGE =
  arrayOf(
    "--plugins=dit,flowmatch,glyphs",
    "--set=model.preset=small",
    "--set=dataset.count=200",
    "--set=train.batchSize=24",
    "--set=train.logEvery=1",
  )

/** Ends real processes in the middle of a step; libtorch must not be taken apart under its threads. */
class StoppedAtOnceSpec :
  FunSpec({
    for (signal in listOf("TERM", "INT")) {
      test("a second SIG$signal during a step ends with 130 and leaves no crash log") {
        repeat(TRIES) {
          val folder = tempdir().toPath()
          val process = HostProcess("run", *LARGE, "--run-dir=run", environment = BUSY, directory = folder)
          process.awaitOutput("step 1")
          process.signal(signal)
          Thread.sleep(50)
          process.signal(signal)
          val ended = process.finish()
          withClue(ended) {
            ended.exit shouldBe 130
            ended.out shouldContain "SIG$signal: saving a checkpoint after this step"
            ended.err shouldBe ""
          }
          folder.listDirectoryEntries().map { it.name } shouldBe listOf("run")
        }
      }
    }

    for ((signal, delay) in listOf("INT" to 0L, "TERM" to 300L, "HUP" to 600L)) {
      test("SIG$signal ends a command that does not see to it with 130 and leaves no crash log") {
        val folder = tempdir().toPath()
        val process = HostProcess("bench", *LARGE, environment = BUSY, directory = folder)
        while (process.alive() && process.errors().isEmpty()) Thread.sleep(5)
        Thread.sleep(delay)
        process.signal(signal)
        val ended = process.finish()
        withClue(ended) { ended.exit shouldBe 130 }
        folder.listDirectoryEntries() shouldBe emptyList()
      }
    }
  })
