package io.github.diffusionhost.app.selftest.check

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.random.CounterDraws
import io.github.diffusionhost.engine.random.DeviceCounterDraws
import io.github.diffusionhost.engine.random.JvmCounterDraws
import io.github.diffusionhost.engine.random.StagingBuffer
import kotlin.math.abs

/** Draws that the device makes by counters (`train.noise: device`), against those of the JVM. */
internal class DrawsCheck : SelfCheck {
  override val area = "draws"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    val right = JvmCounterDraws(subject.host, StagingBuffer(), KEY)
    DeviceCounterDraws(subject.manager, KEY).use { compare(it, right, "", found) }
    // Nothing uses the fuser yet; whether its kernels are right is what a first step to that has to know.
    if (subject.manager.device.isGpu) {
      DeviceCounterDraws(subject.manager, KEY, true).use { compare(it, right, ", fused", found) }
    }
  }

  private fun compare(own: CounterDraws, right: CounterDraws, how: String, found: (Measured) -> Unit) {
    found(measured("uniform numbers that differ$how", 0.0, own, right, ::differing) { uniform(PLACES, TAG, it) })
    found(measured("coins that differ$how", 0.0, own, right, ::differing) { coins(PLACES, TAG, it, LIMIT) })
    found(
      measured("largest difference of normal numbers$how", NORMAL, own, right, ::largest) { normal(FOLLOWING, TAG, it) }
    )
  }

  private fun measured(
    what: String,
    bound: Double,
    own: CounterDraws,
    right: CounterDraws,
    compare: (DoubleArray, DoubleArray) -> Double,
    draw: CounterDraws.(Int) -> NDArray,
  ): Measured {
    val figure = CALLS.maxOf { compare(own.draw(it).values(), right.draw(it).values()) }
    return Measured.of(area, what, figure, bound)
  }

  private fun differing(own: DoubleArray, right: DoubleArray) = own.indices.count { own[it] != right[it] }.toDouble()

  private fun largest(own: DoubleArray, right: DoubleArray) = own.indices.maxOf { abs(own[it] - right[it]) }

  private companion object {
    const val KEY = 0x2545F4914F6CDD1DL
    val PLACES = longArrayOf(0, 1, 77, 1L shl 32, (1L shl 40) + 3)
    const val TAG = 5

    /**
     * Elements of an image, call by call: a GPU's fuser compiles in the first ones, for each size anew and then for
     * all.
     */
    val CALLS = listOf(3_001, 3_001, 1_204, 1_204, 64, 8_000, 3_001, 515)
    val FOLLOWING = LongArray(7) { (1L shl 33) + it }
    const val LIMIT = 58_982

    /** Logarithms and cosines of float32, of numbers up to 6.8. */
    const val NORMAL = 1e-5
  }
}
