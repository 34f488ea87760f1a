package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** The values in float64. */
fun NDArray.doubles(): List<Double> = toType(DataType.FLOAT64, false).toDoubleArray().toList()

/** The same type and shape, and values within a tolerance relative to the largest. */
fun NDArray.shouldBeClose(expected: NDArray, tolerance: Double) {
  dataType shouldBe expected.dataType
  shape shouldBe expected.shape
  doubles().shouldBeClose(expected.doubles(), tolerance)
}

/** Values within a tolerance relative to the largest. */
fun List<Double>.shouldBeClose(expected: List<Double>, tolerance: Double) {
  val largest = expected.filter { it.isFinite() }.maxOfOrNull { abs(it) } ?: 0.0
  size shouldBe expected.size
  zip(expected).forEachIndexed { i, (a, b) ->
    val close = if (b.isFinite()) abs(a - b) <= tolerance * largest else a.compareTo(b) == 0
    withClue("element $i is $a, expected $b") { close shouldBe true }
  }
}
