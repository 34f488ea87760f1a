package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.sqrt

private const val MEAN = 0.3
private const val STD = 0.4

/** The best possible network F for pixels that are independent and normal, of the default preconditioning. */
private class Perfect : DenoisingNetwork {
  var calls = 0

  override fun predict(x: NDArray, noiseCondition: NDArray): NDArray {
    calls++
    val sigma = exp(4.0 * noiseCondition.getFloat(0))
    val r = sqrt(sigma * sigma + 0.25)
    val noisy = x.mul(r)
    val image = noisy.sub(MEAN).mul(STD * STD / (STD * STD + sigma * sigma)).add(MEAN)
    return image.sub(noisy.mul(0.25 / (r * r))).div(sigma * 0.5 / r)
  }
}

/** The samplers as the host runs them, around a network in float32. */
class SamplersSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    for ((name, tolerance) in mapOf("euler" to 0.05, "heun" to 1e-3, "dpmpp-2m" to 1e-3)) {
      test("$name brings noise to the data's mean and variance") {
        val start = SeededNoise(manager, 8).normal(Shape(4, 1, 20, 20))
        val clip = "clip" to false
        val out = sampler(name, clip).sample(Perfect(), start, Sampling(200, RecordedNoise(), Sampling.Listener.NONE))
        // The exact flow: every pixel keeps its place in the distribution, which at sigma 80 has the data's mean too.
        val scale = STD / sqrt(STD * STD + 80.0 * 80.0)
        val expected = start.doubles().map { MEAN + (80 * it - MEAN) * scale }.toDoubleArray()
        out.doubles().shouldBeWithin(tolerance, expected)
      }

      test("$name makes one network call a step, Heun's two but for the last") {
        val network = Perfect()
        val start = manager.zeros(Shape(2, 1, 4, 4))
        sampler(name).sample(network, start, Sampling(18, RecordedNoise(), Sampling.Listener.NONE))
        network.calls shouldBe (if (name == "heun") 35 else 18)
      }

      test("$name keeps images within [-1, 1] unless told not to") {
        val start = SeededNoise(manager, 8).normal(Shape(2, 1, 4, 4))
        val bright = DenoisingNetwork { x, _ -> x.mul(0).add(100) }
        fun largest(vararg own: Pair<String, Any>) =
          sampler(name, *own)
            .sample(bright, start, Sampling(5, RecordedNoise(), Sampling.Listener.NONE))
            .doubles()
            .maxOf(::abs)
        largest() shouldBe 1.0
        (largest("clip" to false) > 0.05) shouldBe true
        (largest("clip" to false) != 1.0) shouldBe true
      }

      test("$name leaves no arrays behind but its result") {
        manager.newSubManager().use { own ->
          val start = own.zeros(Shape(2, 1, 4, 4))
          val before = own.managedArrays.size
          val network = DenoisingNetwork { x, _ -> x.tanh() }
          val result = sampler(name).sample(network, start, Sampling(12, RecordedNoise(), Sampling.Listener.NONE))
          own.managedArrays.size shouldBe before + 1
          result.isReleased shouldBe false
        }
      }
    }

    test("churn draws from the data's distribution") {
      val start = SeededNoise(manager, 8).normal(Shape(4, 1, 50, 50))
      val own =
        arrayOf<Pair<String, Any>>("eta" to 1.0, "sMin" to 0.0, "sMax" to 100.0, "sNoise" to 1.0, "clip" to false)
      val draws = SeededNoise(manager, 3)
      val pixels =
        sampler("heun", *own).sample(Perfect(), start, Sampling(100, draws, Sampling.Listener.NONE)).doubles()
      val mean = pixels.average()
      // Of 10,000 pixels the mean is off by 0.004 and the deviation by 0.003 at one standard error.
      mean shouldBe (MEAN plusOrMinus 0.016)
      sqrt(pixels.sumOf { (it - mean) * (it - mean) } / pixels.size) shouldBe (STD plusOrMinus 0.012)
      // Little is left of where a pixel started.
      val x = start.doubles()
      val correlation = pixels.indices.sumOf { x[it] * (pixels[it] - mean) } / pixels.size / STD
      abs(correlation) shouldBeLessThan 0.1
    }

    test("churn between limits the wrong way round is refused") {
      shouldThrow<IllegalArgumentException> { sampler("heun", "sMin" to 2.0) }.message!! shouldContain
        "sMin 2.0 is above sMax 1.0"
    }
  })
