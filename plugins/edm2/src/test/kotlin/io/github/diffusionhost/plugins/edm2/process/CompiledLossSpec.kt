package io.github.diffusionhost.plugins.edm2.process

import io.github.diffusionhost.engine.support.ScheduledTraining
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private fun train(options: Edm2SchedulerOptions, compiled: Boolean, microBatch: Int) =
  ScheduledTraining.of(compiled, microBatch) { scheduler(options, it) }

@Tags("Slow")
class CompiledLossSpec :
  FunSpec({
    for (form in listOf("none", "plain", "normalized", "magnitude-preserving")) {
      for (microBatch in listOf(8, 2)) {
        test("5 compiled steps are 5 steps operation by operation: uncertainty $form, micro-batches of $microBatch") {
          val options = options("uncertainty" to form)
          val eager = train(options, false, microBatch)
          val compiled = train(options, true, microBatch)
          compiled.shouldBeAs(eager)
          train(options, true, microBatch).losses shouldBe compiled.losses
          if (form != "none") {
            eager.weights.getValue("scheduler.linear.weight") shouldNotBe
              eager.first.getValue("scheduler.linear.weight")
            eager.weights.getValue("scheduler.fourier.phases") shouldBe eager.first.getValue("scheduler.fourier.phases")
          }
        }
      }
    }
  })
