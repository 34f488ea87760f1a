package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.abs
import kotlin.math.sqrt

private const val MEAN = 0.3
private const val STD = 0.5

/** The best possible network for pixels that are independent and normal; between timesteps sigma is linear. */
private class Perfect(private val prediction: String, private val bars: DoubleArray) : DenoisingNetwork {
  var calls = 0

  override fun predict(x: NDArray, noiseCondition: NDArray): NDArray {
    calls++
    val t = noiseCondition.getFloat(0).toDouble()
    val below = minOf(t.toInt(), bars.size - 1)
    val above = minOf(below + 1, bars.size - 1)
    val sigma = sigma(below) + (t - below) * (sigma(above) - sigma(below))
    val signal = 1 / sqrt(1 + sigma * sigma)
    val noise = sigma * signal
    val gain = signal * STD * STD / (signal * signal * STD * STD + noise * noise)
    val image = x.sub(signal * MEAN).mul(gain).add(MEAN)
    val eps = x.sub(image.mul(signal)).div(noise)
    return when (prediction) {
      "epsilon" -> eps
      "sample" -> image
      else -> eps.mul(signal).sub(image.mul(noise))
    }
  }

  private fun sigma(t: Int) = sqrt((1 - bars[t]) / maxOf(bars[t], 1e-7))
}

/** What a sampler makes of normal noise: [gain] times it plus [offset]. */
private class Affine(val gain: Double, val offset: Double)

@Tags("Slow")
class PerfectNetworkSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun bars(options: DdpmOptions) = NoiseSchedule.of(options).let { s -> DoubleArray(s.timesteps(), s::alphaCumprod) }

    fun sample(
      name: String,
      options: DdpmOptions,
      start: NDArray,
      steps: Int,
      vararg own: Pair<String, Any>,
    ): NDArray {
      val prediction = options.prediction().name.lowercase()
      val noise = SeededNoise(manager, 3)
      return sampler(name, options, *own)
        .sample(Perfect(prediction, bars(options)), start, Sampling(steps, noise, Sampling.Listener.NONE))
    }

    /** Every step of a sampler without noise is affine in its state here. */
    fun affine(name: String, options: DdpmOptions, steps: Int, vararg own: Pair<String, Any>): Affine {
      val start = manager.create(floatArrayOf(0f, 1f)).reshape(2, 1, 1, 1)
      val out = sample(name, options, start, steps, *own).toFloatArray().map { it.toDouble() }
      return Affine(out[1] - out[0], out[0])
    }

    /** How far a sampler is from the exact flow, from timestep 999 on, which keeps mean and variance of the data. */
    fun error(name: String, steps: Int, vararg own: Pair<String, Any>): Double {
      val options = options("clipSample" to false)
      val bar = bars(options).last()
      val gain = STD / sqrt(bar * STD * STD + 1 - bar)
      val offset = MEAN * (1 - gain * sqrt(bar))
      val map = affine(name, options, steps, *own)
      return maxOf(abs(map.gain - gain), abs(map.offset - offset))
    }

    // Spacings that start at the last timestep, so that nothing is lost before the first step; the errors allowed
    // at 20 and 100 steps.
    class Row(val name: String, val few: Double, val many: Double, vararg val own: Pair<String, Any>)
    val deterministic =
      listOf(
        Row("ddim", 0.1, 0.03, "spacing" to "trailing"),
        Row("dpmpp-2m", 0.03, 1e-3),
        Row("dpmpp-2m", 0.03, 3e-3, "karras" to true),
        Row("unipc", 0.03, 1e-3),
        Row("euler", 0.1, 0.03),
        Row("heun", 0.02, 1e-3),
        Row("pndm", 3e-3, 1e-3, "spacing" to "trailing"),
        Row("pndm", 3e-3, 1e-3, "spacing" to "trailing", "skipPrk" to true),
      )
    for (row in deterministic) {
      test("${row.name} ${row.own.toMap()} lands on the data's mean and variance, the nearer the more steps") {
        val few = error(row.name, 20, *row.own)
        val many = error(row.name, 100, *row.own)
        few shouldBeLessThan row.few
        many shouldBeLessThan row.many
        many shouldBeLessThan 0.4 * few
      }
    }

    val stochastic =
      listOf(
        Row("ddpm", 1000.0, 0.0),
        Row("ddpm", 200.0, 0.0, "spacing" to "trailing"),
        Row("ddim", 200.0, 0.0, "eta" to 0.5, "spacing" to "trailing"),
        Row("ddim", 200.0, 0.0, "eta" to 1.0, "spacing" to "trailing"),
      )
    for (row in stochastic) {
      val steps = row.few.toInt()
      test("${row.name} ${row.own.toMap()} in $steps steps draws from the data's distribution") {
        val start = SeededNoise(manager, 8).normal(Shape(4, 1, 50, 50))
        val pixels = sample(row.name, options("clipSample" to false), start, steps, *row.own).doubles()
        val mean = pixels.average()
        val std = sqrt(pixels.sumOf { (it - mean) * (it - mean) } / pixels.size)
        // Of 10,000 pixels the mean is off by 0.005 and the deviation by 0.0035 at one standard error.
        mean shouldBe (MEAN plusOrMinus 0.02)
        std shouldBe (STD plusOrMinus 0.02)
      }
    }

    for (name in samplerNames) {
      test("$name gives the same whether the noise, the image or v is predicted") {
        val start = SeededNoise(manager, 4).normal(Shape(2, 1, 8, 8))
        val plain = arrayOf<Pair<String, Any>>("clipSample" to false)
        val own = if (name == "ddim") arrayOf<Pair<String, Any>>("eta" to 0.3) else arrayOf()
        val (epsilon, image, v) =
          listOf("epsilon", "sample", "v").map { sample(name, options("prediction" to it, *plain), start, 20, *own) }
        image.shouldBeWithin(1e-4, epsilon)
        // PNDM extrapolates the network's outputs, and those of v go another way.
        if (name != "pndm") v.shouldBeWithin(1e-4, epsilon)
      }

      test("$name takes one step, and as many as there are timesteps") {
        val start = SeededNoise(manager, 4).normal(Shape(2, 1, 4, 4))
        for (total in listOf(1, 2, 3, 20, 1000)) {
          for (steps in setOf(1, minOf(2, total), minOf(3, total), total)) {
            val out = sample(name, options("timesteps" to total), start, steps)
            withClue("$steps of $total") { out.toFloatArray().all { it.isFinite() } shouldBe true }
          }
        }
      }

      test("$name refuses more steps than there are timesteps") {
        val start = manager.zeros(Shape(1, 1, 2, 2))
        shouldThrow<IllegalArgumentException> { sample(name, options("timesteps" to 10), start, 11) }
          .message!! shouldContain "11 steps: the network is trained on 10 timesteps"
      }

      test("$name refuses an offset that leads beyond the last timestep") {
        val start = manager.zeros(Shape(1, 1, 2, 2))
        val own = arrayOf<Pair<String, Any>>("spacing" to "leading", "stepsOffset" to 600)
        shouldThrow<IllegalArgumentException> { sample(name, options(), start, 2, *own) }.message!! shouldContain
          "stepsOffset 600"
      }

      test("$name samples from a process that ends in pure noise") {
        val zero = options("zeroTerminalSnr" to true, "prediction" to "v", "clipSample" to false)
        val own =
          if (name in setOf("ddpm", "ddim", "pndm")) arrayOf<Pair<String, Any>>("spacing" to "trailing") else arrayOf()
        val start = SeededNoise(manager, 8).normal(Shape(4, 1, 25, 25))
        val pixels = sample(name, zero, start, 100, *own).doubles()
        pixels.average() shouldBe (MEAN plusOrMinus 0.05)
      }

      test("$name leaves no arrays behind but its result") {
        manager.newSubManager().use { own ->
          val start = own.zeros(Shape(2, 1, 4, 4))
          val before = own.managedArrays.size
          val network = DenoisingNetwork { x, _ -> x.tanh() }
          val result = sampler(name).sample(network, start, Sampling(12, SeededNoise(own, 1), Sampling.Listener.NONE))
          own.managedArrays.size shouldBe before + 1
          result.isReleased shouldBe false
        }
      }
    }

    test("pndm comes to the same with v as with the noise, given steps") {
      val start = SeededNoise(manager, 4).normal(Shape(2, 1, 8, 8))
      for (skipPrk in listOf(false, true)) {
        val (epsilon, v) =
          listOf("epsilon", "v").map { sample("pndm", options("prediction" to it), start, 250, "skipPrk" to skipPrk) }
        // To first order: the difference falls as one over the steps.
        v.shouldBeWithin(0.015, epsilon)
      }
    }

    test("leading spacing has no room for a step at every timestep above the end") {
      shouldThrow<IllegalArgumentException> {
          sample("unipc", options("timesteps" to 10), manager.zeros(Shape(1, 1, 2, 2)), 10, "spacing" to "leading")
        }
        .message!! shouldContain "at most 9 steps"
    }

    test("eta above 1 is possible where the next timestep has room for its noise, and refused elsewhere") {
      val start = SeededNoise(manager, 8).normal(Shape(1, 1, 2, 2))
      val out = sample("ddim", options("timesteps" to 4), start, 2, "eta" to 1.00001)
      out.toFloatArray().all { it.isFinite() } shouldBe true
      shouldThrow<IllegalArgumentException> { sample("ddim", options(), start, 50, "eta" to 40.0) }
        .message!! shouldContain "eta 40.0 would add more noise"
    }
  })
