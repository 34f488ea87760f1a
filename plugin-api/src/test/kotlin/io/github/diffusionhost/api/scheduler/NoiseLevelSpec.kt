package io.github.diffusionhost.api.scheduler

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

class NoiseLevelSpec :
  FunSpec({
    val levels =
      mapOf(
        "a network that predicts noise" to NoiseLevel(sqrt(0.3), sqrt(0.7), 0.0, 1.0),
        "a network that predicts the image" to NoiseLevel(sqrt(0.3), sqrt(0.7), 1.0, 0.0),
        "a network that predicts velocity" to NoiseLevel(sqrt(0.3), sqrt(0.7), -sqrt(0.7), sqrt(0.3)),
        "flow matching" to NoiseLevel(0.6, 0.4, -1.0, 1.0),
        "variance-exploding noise" to NoiseLevel(1.0, 3.0, 1.0, 0.0),
      )
    for ((name, level) in levels) {
      test("the least linear error of $name is that of least squares on drawn numbers") {
        val random = java.util.Random(7)
        val spread = 0.5
        var xx = 0.0
        var xt = 0.0
        var tt = 0.0
        val n = 400_000
        repeat(n) {
          val image = spread * random.nextGaussian()
          val noise = random.nextGaussian()
          val x = level.signal * image + level.noise * noise
          val target = level.targetSignal * image + level.targetNoise * noise
          xx += x * x
          xt += x * target
          tt += target * target
        }
        val expected = (tt - xt * xt / xx) / n
        // The spread of a mean of n squares is sqrt(2 / n) of it.
        level.linearError(spread * spread) shouldBe (expected plusOrMinus 5 * sqrt(2.0 / n) * expected)
      }
    }

    test("nothing is unknown where nothing varies") {
      NoiseLevel(1.0, 0.5, 0.0, 1.0).linearError(0.0) shouldBe 0.0
      NoiseLevel(0.0, 0.0, 1.0, 0.0).linearError(1.0) shouldBe 0.0
    }
  })
