package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.core.spec.style.FunSpec
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

    /** How far it is from the data's own distribution. */
    fun error(name: String, steps: Int, vararg own: Pair<String, Any>): Double {
      val map = affine(name, options("clipSample" to false), steps, *own)
      return maxOf(abs(map.gain - STD), abs(map.offset - MEAN))
    }

    // Spacings that start at the last timestep, so that nothing is lost before the first step.
    val deterministic =
      listOf(
        "ddim" to arrayOf<Pair<String, Any>>("spacing" to "trailing"),
        "dpmpp-2m" to arrayOf(),
        "dpmpp-2m" to arrayOf("karras" to true),
        "unipc" to arrayOf(),
        "euler" to arrayOf(),
        "heun" to arrayOf(),
        "pndm" to arrayOf("spacing" to "trailing"),
        "pndm" to arrayOf("spacing" to "trailing", "skipPrk" to true),
      )
    for ((name, own) in deterministic) {
      test("$name ${own.toMap()} lands on the data's mean and variance, the nearer the more steps") {
        println("ERR $name ${own.toMap()} " + listOf(10, 25, 50, 100, 250).map { "$it: ${error(name, it, *own)}" })
      }
    }
  })
