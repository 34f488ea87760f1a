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
    DeviceCounterDraws(subject.manager, KEY).use { own ->
      found(measured("uniform numbers that differ", 0.0, own, right, ::differing) { uniform(FOLLOWING, TAG, EACH) })
      found(measured("coins that differ", 0.0, own, right, ::differing) { coins(PLACES, TAG, EACH, LIMIT) })
      found(
        measured("largest difference of normal numbers", NORMAL, own, right, ::largest) { normal(PLACES, TAG, EACH) }
      )
    }
  }

  private fun measured(
    what: String,
    bound: Double,
    own: CounterDraws,
    right: CounterDraws,
    compare: (DoubleArray, DoubleArray) -> Double,
    draw: CounterDraws.() -> NDArray,
  ) = Measured.of(area, what, compare(own.draw().values(), right.draw().values()), bound)

  private fun differing(own: DoubleArray, right: DoubleArray) = own.indices.count { own[it] != right[it] }.toDouble()

  private fun largest(own: DoubleArray, right: DoubleArray) = own.indices.maxOf { abs(own[it] - right[it]) }

  private companion object {
    const val KEY = 0x2545F4914F6CDD1DL
    val PLACES = longArrayOf(0, 1, 77, 1L shl 32, (1L shl 40) + 3)
    val FOLLOWING = LongArray(5) { (1L shl 33) + it }
    const val TAG = 5
    const val EACH = 3_001
    const val LIMIT = 58_982

    /** Logarithms and cosines of float32, of numbers up to 6.8. */
    const val NORMAL = 1e-5
  }
}
