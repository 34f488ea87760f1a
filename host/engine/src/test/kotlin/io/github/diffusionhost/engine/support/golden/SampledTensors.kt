package io.github.diffusionhost.engine.support.golden

import io.kotest.assertions.withClue
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

typealias SampledTensors = io.github.diffusionhost.engine.golden.SampledTensors

/** The kept elements are within [tolerance], and the norm relatively within [normTolerance] or what they allow it. */
fun SampledTensors.check(name: String, whole: FloatArray, tolerance: Double, normTolerance: Double) {
  checkValues(name, whole, tolerance)
  checkNorm(name, whole, maxOf(normTolerance * l2(name), tolerance * sqrt(whole.size.toDouble())))
}

/** The kept elements of [whole] are within [tolerance]. */
fun SampledTensors.checkValues(name: String, whole: FloatArray, tolerance: Double) {
  withClue(name) { sample(name, whole).shouldBeWithin(tolerance, kept(name)) }
}

/** The norm of [whole] is within [tolerance] of the reference's. */
fun SampledTensors.checkNorm(name: String, whole: FloatArray, tolerance: Double) {
  whole.norm() shouldBe (l2(name) plusOrMinus tolerance)
}
