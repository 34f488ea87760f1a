package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.dataset.Split
import java.util.SplittableRandom

/** The random numbers of one image. */
internal class Draws(seed: Long, split: Split, index: Int) {
  private val random = SplittableRandom(mix(mix(mix(seed) + split.ordinal) + index))

  /** Uniform in [low, high). */
  fun between(low: Double, high: Double): Double = low + (high - low) * random.nextDouble()

  /** Bell-shaped around 0, never beyond ±[reach] (standard deviation a third of it): the mean of three uniforms. */
  fun around0(reach: Double): Double = (between(-reach, reach) + between(-reach, reach) + between(-reach, reach)) / 3

  /** Uniform whole number in [0, bound). */
  fun below(bound: Int): Int = (random.nextDouble() * bound).toInt()

  private companion object {
    /** Finalizer of MurmurHash3 (variant 13 of Stafford), so that neighbouring seeds give unrelated streams. */
    fun mix(z: Long): Long {
      val a = (z + -0x61c8864680b583ebL).let { (it xor (it ushr 30)) * -0x40a7b892e31b1a47L }
      val b = (a xor (a ushr 27)) * -0x6b2fb644ecceee15L
      return b xor (b ushr 31)
    }
  }
}
