package io.github.diffusionhost.plugins.flowmatch

import ai.djl.ndarray.NDArray
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** The largest absolute difference to the expected array is at most [tolerance]. */
fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) = toFloatArray().shouldBeWithin(tolerance, expected)

fun FloatArray.shouldBeWithin(tolerance: Double, expected: NDArray) {
  val other = expected.toFloatArray()
  size shouldBe other.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${other[i]} within $tolerance") {
      (abs(this[i].toDouble() - other[i]) <= tolerance) shouldBe true
    }
  }
}
