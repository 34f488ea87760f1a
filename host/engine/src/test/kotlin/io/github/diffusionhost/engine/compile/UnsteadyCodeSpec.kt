package io.github.diffusionhost.engine.compile

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.CountingDataset
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf

/** Code that is seen not to do the same whenever it runs is not compiled. */
class UnsteadyCodeSpec :
  FunSpec({
    beforeTest {
      World.factor = 1.0
      World.calls = 0
    }

    fun refused(what: String, make: NDManager.() -> TrainingStep, message: String) =
      test("$what runs operation by operation, and a warning names it") {
        NDManager.newBaseManager().use { manager ->
          lateinit var step: TrainingStep
          val said = warnings { step = manager.make() }.single()
          said shouldContain message
          said shouldNotContain "batch size"
          step.shouldBeInstanceOf<EagerStep>()
        }
      }

    refused("a scheduler that counts its calls", { step(Counting()) }, "Counting.calls went from ")
    refused("a set of bits that grows", { step(Bits()) }, "Bits.held went from {0, 1, 2} to {0, 1, 2, 3}")
    refused("a buffer that is read on", { step(Reading()) }, "Reading.held changed")
    refused("a count deep in what a scheduler holds", { step(Deep()) }, "Deep.held went from 3 to 4")
    refused(
      "an augmentation with a random generator",
      { step(dataset = Flipping(CountingDataset(40))) },
      "Flipping.random changed",
    )
    refused("a renormalisation that counts", { step(denoiser = ::Renormalizing) }, "Renormalizing.calls went from ")
    refused(
      "a number from outside that is another each time",
      { step(Weighted { loss, _ -> loss.mul(1 + World.calls++) }) },
      "the number given to mul at io.github.diffusionhost.engine.compile.UnsteadyCodeSpec",
    )
    refused(
      "a change between recordings of two batch sizes",
      { step(Weighted { loss, _ -> if (World.calls++ < 2) loss.mul(2) else loss.add(2) }) },
      "was mul and is add",
    )
    refused(
      "the probability of a draw that changes",
      {
        step(
          Weighted { loss, pass ->
            loss.add(
              pass.noise().bernoulli(loss.shape, if (World.calls++ < 3) 0.5 else 0.1).toType(loss.dataType, false)
            )
          }
        )
      },
      "Bernoulli[probability=0.1]",
    )
    refused("an array kept from call to call", { step(Keeping()) }, "that an earlier call has made is used again")
    refused(
      "code that does something else when it is recorded",
      { step(denoiser = ::TwoFaced) },
      "the loss of an image is ",
    )

    test("a draw whose probability depends on the batch size is told as that") {
      NDManager.newBaseManager().use { manager ->
        val drawing = Weighted { loss, pass ->
          loss.add(pass.noise().bernoulli(loss.shape, 1.0 / loss.shape[0]).toType(loss.dataType, false))
        }
        warnings { manager.step(drawing).shouldBeInstanceOf<EagerStep>() }.single() shouldContain
          "what is drawn or which weight is updated depends on the batch size"
      }
    }

    test("what is worked out once for each number of images may be kept") {
      NDManager.newBaseManager().use { manager ->
        warnings { manager.step(Caching()).shouldBeInstanceOf<CompiledStep>() }.shouldBeEmpty()
      }
    }
  })
