package io.github.diffusionhost.engine.support.golden

import ai.djl.ndarray.NDArray
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.sqrt

/** The largest absolute difference to [expected] is at most [tolerance]. */
fun FloatArray.shouldBeWithin(tolerance: Double, expected: FloatArray) {
  size shouldBe expected.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${expected[i]} within $tolerance") {
      (abs(this[i].toDouble() - expected[i]) <= tolerance) shouldBe true
    }
  }
}

fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) =
  toFloatArray().shouldBeWithin(tolerance, expected.toFloatArray())

fun FloatArray.norm(): Double = sqrt(sumOf { it.toDouble() * it })
