package io.github.diffusionhost.engine.posthoc

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.pow
import kotlin.math.sqrt

class PowerFunctionSpec :
  FunSpec({
    test("the exponent of a width, and the width of an exponent") {
      for (row in phema.rows("std_to_exp")) {
        PowerFunction.ofWidth(row.number("std")).exponent shouldBe near(row.number("exp"))
      }
      for (row in phema.rows("exp_to_std")) {
        PowerFunction(row.number("exp")).width() shouldBe near(row.number("std"))
      }
    }

    test("the decay of an update") {
      for (row in phema.rows("power_function_beta")) {
        val profile = PowerFunction.ofWidth(row.number("std"))
        profile.beta(row.number("t_next"), row.number("t_delta")) shouldBe near(row.number("beta"))
      }
    }

    test("an exponent is the one of its own width, from the mean of everything to a hundred-thousandth") {
      for (exponent in listOf(0.0, 1e-6, 0.5, 1.0, 7.0, 100.0, 1e5)) {
        PowerFunction.ofWidth(PowerFunction(exponent).width()).exponent shouldBe
          (exponent plusOrMinus 1e-9 * maxOf(1.0, exponent))
      }
    }

    test("the width is the standard deviation of the times that a long average counts") {
      // Equation 123 against the weights that 20,000 updates give to each step.
      val steps = 20_000
      val profile = PowerFunction.ofWidth(0.075)
      val shares = DoubleArray(steps)
      var left = 1.0
      for (step in steps downTo 1) {
        val beta = profile.beta(step.toDouble(), 1.0)
        shares[step - 1] = left * (1 - beta)
        left *= beta
      }
      val times = List(steps) { (it + 0.5) / steps }
      val mean = times.indices.sumOf { shares[it] * times[it] }
      shares.sum() shouldBe (1.0 plusOrMinus 1e-12)
      // A step is 1/20,000 of the training: the sum is the integral up to the square of that.
      sqrt(times.indices.sumOf { shares[it] * (times[it] - mean).pow(2) }) shouldBe (0.075 plusOrMinus 1e-8)
    }

    test("a width beyond the mean of everything, or none, is refused with the range") {
      for (width in listOf(0.2887, 0.0, -0.1, Double.NaN)) {
        shouldThrow<IllegalArgumentException> { PowerFunction.ofWidth(width) }.message!! shouldContain
          "lies above 0 and up to 1/sqrt(12) = 0.2886, not at $width"
      }
      shouldThrow<IllegalArgumentException> { PowerFunction(-0.5) }
    }
  })
