package io.github.diffusionhost.app.selftest

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.network.Network
import kotlin.math.abs
import kotlin.math.sqrt

/** The values of an array of floating point numbers, wherever it is. */
internal fun NDArray.values(): DoubleArray = toType(DataType.FLOAT64, false).toDoubleArray()

/** The values of all weights. */
internal fun Network.values(): Map<String, FloatArray> = weights().values().mapValues { it.value.toFloatArray() }

/** The largest absolute value. */
internal fun DoubleArray.largest(): Double = maxOfOrNull(::abs) ?: 0.0

/**
 * The largest difference of two arrays, as a share of the largest value that is right; infinite where something is no
 * number or the sizes differ.
 */
internal fun difference(found: DoubleArray, right: DoubleArray): Double {
  if (found.size != right.size) return Double.POSITIVE_INFINITY
  val most = found.indices.maxOfOrNull { abs(found[it] - right[it]).let { d -> if (d.isNaN()) INFINITE else d } } ?: 0.0
  return if (most == 0.0) 0.0 else most / right.largest()
}

/** A number's difference to the right one, as a share of that. */
internal fun difference(found: Double, right: Double): Double = difference(doubleArrayOf(found), doubleArrayOf(right))

/** The Euclidean norm of all values of all arrays together. */
internal fun norm(arrays: Collection<DoubleArray>): Double = sqrt(arrays.sumOf { it.sumOf { x -> x * x } })

private const val INFINITE = Double.POSITIVE_INFINITY
