package io.github.diffusionhost.engine.train

import io.github.diffusionhost.engine.batch.BatchOrder
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.WatchedDataset
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.io.InterruptedIOException
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private const val IMAGES = 40

/** The first image of a step. */
private fun WatchedDataset.ofStep(step: Long) = BatchOrder(5, size()).indices(step * 8, 1).single()

/** Trains, and does something while the first image of the eighth step is being read, after the seventh. */
private fun TinyRun.atTheEighthStep(dataset: WatchedDataset, block: (WatchedDataset.Gate) -> Unit) {
  var gate: WatchedDataset.Gate? = null
  trainer.run {
    if (trainer.done() == 6L) gate = dataset.gate(dataset.ofStep(7))
    if (trainer.done() == 7L) block(gate!!.apply { await() })
    false
  }
}

/** A training on images that are not resident. */
class StreamedTrainingSpec :
  FunSpec({
    fun run(folder: Path, dataset: WatchedDataset, compile: Boolean, steps: Long = 12) =
      TinyRun(folder, tinyOptions(steps, compile = compile, checkpointEvery = 5), dataset = dataset)

    fun checkpoints(folder: Path) =
      RunDirectory(folder).checkpoints().listDirectoryEntries("step-*").map { it.name }.sorted()

    for (compile in listOf(true, false)) {
      val how = if (compile) "compiled" else "eager"
      test("ends with the weights of one on resident images, resumed or not, and leaves no thread behind: $how") {
        val resident = WatchedDataset(IMAGES, 3, mapped = false)
        val expected =
          run(tempdir().toPath(), resident, compile).use {
            it.trainer.run { false }
            it.weights()
          }
        val folder = tempdir().toPath()
        val first = WatchedDataset(IMAGES, 3)
        run(folder, first, compile).use { run -> run.trainer.run { run.trainer.done() >= 7 } }
        val second = WatchedDataset(IMAGES, 3)
        run(folder, second, compile).use { run ->
          run.trainer.resume()
          run.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
          run.weights() shouldBe expected
        }
        for (dataset in listOf(first, second)) {
          dataset.overlaps.get() shouldBe 0
          val others = dataset.otherThreads()
          others.shouldNotBeEmpty()
          others.forEach { it.join(20_000) }
          others.filter { it.isAlive } shouldContainExactly emptyList()
        }
      }

      test("ends at the step of an image that cannot be read, after a checkpoint of the steps before it: $how") {
        val folder = tempdir().toPath()
        val dataset = WatchedDataset(IMAGES, 3)
        run(folder, dataset, compile).use { run ->
          val eighth = dataset.ofStep(7)
          val stopped =
            shouldThrow<IOException> {
              run.atTheEighthStep(dataset) { gate ->
                dataset.fault(eighth) { IOException("image $eighth is torn") }
                gate.open()
              }
            }
          stopped.message shouldBe "image $eighth is torn"
          run.trainer.done() shouldBe 7
        }
        checkpoints(folder) shouldContainExactly listOf("step-000005", "step-000007")
      }
    }

    test("is ended by an interrupt while it waits for an image, and stays interrupted") {
      val dataset = WatchedDataset(IMAGES, 3)
      run(tempdir().toPath(), dataset, true).use { run ->
        lateinit var shut: WatchedDataset.Gate
        shouldThrow<InterruptedIOException> {
          run.atTheEighthStep(dataset) { gate ->
            shut = gate
            Thread.currentThread().interrupt()
          }
        }
        Thread.interrupted() shouldBe true
        shut.open()
      }
    }
  })
