package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.support.ema
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.pow

class StepAveragesSpec :
  FunSpec({
    bothWays { way ->
      test("running averages follow their decay") {
        val constant = ema(EmaOptions.Kind.CONSTANT, 0.9)
        val ramp = ema(EmaOptions.Kind.RAMP, 0.9999)
        way.bench(adam(), averages = listOf(constant, ramp, ema(0.1))) { bench ->
          fun NDArray.first() = toFloatArray()[0].toDouble()
          val weight = bench.network.weights().values().getValue("hidden")
          var byHand = weight.first()
          var rampByHand = weight.first()
          var powerByHand = weight.first()
          for (s in 0L until 5L) {
            bench.run(s)
            byHand = 0.9 * byHand + 0.1 * weight.first()
            val d = if (s == 0L) 0.0 else (1.0 + s) / (10.0 + s)
            rampByHand = d * rampByHand + (1 - d) * weight.first()
            // The exponent of width 0.1, by NVlabs.
            val beta = (s / (s + 1.0)).pow(6.937203937601809 + 1)
            powerByHand = beta * powerByHand + (1 - beta) * weight.first()
            if (s == 0L) {
              val copied = bench.averages[2].weights().values()
              bench.network.weights().values().forEach { (name, value) ->
                copied.getValue(name).toFloatArray() shouldBe value.toFloatArray()
              }
            }
          }
          bench.averages[0].weights().values().getValue("hidden").first() shouldBe (byHand plusOrMinus 1e-6)
          bench.averages[1].weights().values().getValue("hidden").first() shouldBe (rampByHand plusOrMinus 1e-6)
          bench.averages[2].weights().values().getValue("hidden").first() shouldBe (powerByHand plusOrMinus 1e-6)
        }
      }
    }
  })
