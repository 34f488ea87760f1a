package io.github.diffusionhost.engine.step

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class DivergedStepSpec :
  FunSpec({
    bothWays { way ->
      test("a gradient that is not finite stops the step, names step and tensor and changes nothing") {
        way.bench(adam()) { bench ->
          bench.run(0)
          bench.network.trainable().getValue("out").muli(1e30f)
          val before = bench.values()
          val failure = shouldThrow<DivergedException> { bench.run(1) }
          failure.step() shouldBe 1
          failure.message!! shouldContain "the loss"
          bench.values() shouldBe before
          bench.network.trainable().getValue("out").muli(1e-30f)
          bench.run(1).loss() shouldBeLessThan 10.0
        }
      }

      test("a loss that is finite with a gradient that is not names the tensor") {
        way.bench(adam()) { bench ->
          // The hidden layer's gradient is the product of two large numbers, the loss of none.
          bench.network.trainable().getValue("out").muli(1e18f)
          bench.network.trainable().getValue("hidden").muli(1e-3f)
          shouldThrow<DivergedException> { bench.run(0) }.message!! shouldContain "the"
        }
      }
    }
  })
