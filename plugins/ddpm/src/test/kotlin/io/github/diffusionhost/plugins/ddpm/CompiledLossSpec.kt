package io.github.diffusionhost.plugins.ddpm

import io.github.diffusionhost.engine.support.ScheduledTraining
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private fun train(options: DdpmOptions, compiled: Boolean, microBatch: Int) =
  ScheduledTraining.of(compiled, microBatch, condition = 1000.0) { scheduler(options) }

@Tags("Slow")
class CompiledLossSpec :
  FunSpec({
    val rows =
      listOf("epsilon", "sample", "v").flatMap { prediction ->
        listOf("per-image", "per-batch").flatMap { times ->
          listOf("none", "min-snr").map { arrayOf("prediction" to prediction, "times" to times, "weighting" to it) }
        }
      } + listOf(arrayOf("prediction" to "v", "zeroTerminalSnr" to true, "schedule" to "cosine"))
    for (row in rows) {
      for (microBatch in listOf(8, 2)) {
        test("5 compiled steps are 5 steps operation by operation: ${row.toMap()}, micro-batches of $microBatch") {
          val compiled = train(options(*row), true, microBatch)
          compiled.shouldBeAs(train(options(*row), false, microBatch))
          train(options(*row), true, microBatch).losses shouldBe compiled.losses
        }
      }
    }

    test("the timestep of a batch is that of its micro-batches") {
      val row = arrayOf("times" to "per-batch")
      val whole = train(options(*row), true, 8)
      val parts = train(options(*row), true, 2)
      whole.losses.zip(parts.losses).forEach { (a, b) -> b shouldBe (a plusOrMinus 1e-4 * a) }
      whole.losses[0] shouldNotBe train(options(), true, 8).losses[0]
    }
  })
