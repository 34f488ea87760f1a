package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType

/** Sums, means, extremes, norms, and what runs along an axis. */
val reductionExamples = operatorExamples {
  val all =
    mapOf<String, (NDArray) -> NDArray>(
      "sum" to NDArray::sum,
      "mean" to NDArray::mean,
      "max" to NDArray::max,
      "min" to NDArray::min,
    )
  for ((name, function) in all) {
    smooth("$name of all", floats(N, 2, 3)) { (x) -> function(x) }
    smooth("$name of a number", floats()) { (x) -> function(x).mul(function(x)) }
  }
  val some =
    mapOf<String, (NDArray, IntArray, Boolean) -> NDArray>(
      "sum" to NDArray::sum,
      "mean" to NDArray::mean,
      "max" to NDArray::max,
      "min" to NDArray::min,
    )
  for ((name, function) in some) {
    for (axis in listOf(0, 1, -1)) {
      smooth("$name over axis $axis", floats(N, 2, 3)) { (x) -> function(x, intArrayOf(axis), false) }
      smooth("$name over axis $axis, kept", floats(N, 2, 3)) { (x) -> x.sub(function(x, intArrayOf(axis), true)) }
    }
  }
  smooth("sum over axes", floats(N, 2, 3)) { (x) -> x.sum(intArrayOf(0, -1)).sin() }
  plain("sum of ints", ints(N, 3)) { (x) -> x.sum(intArrayOf(1)) }
  plain("max of ints", ints(N, 3)) { (x) -> x.max(intArrayOf(1)) }
  plain("sum of booleans", coins(N, 3)) { (x) -> x.sum(intArrayOf(1)) }
  smooth("norm of all", floats(N, 2, 3)) { (x) -> x.norm() }
  smooth("norm of all, kept", floats(N, 2, 3)) { (x) -> x.div(x.norm(true)) }
  smooth("norm over axes", floats(N, 2, 3)) { (x) -> x.norm(intArrayOf(1, -1)) }
  smooth("norm over an axis, kept", floats(N, 2, 3)) { (x) -> x.div(x.norm(intArrayOf(-1), true)) }
  smooth("norm of zeros", floats(N, 3, from = 0.0, to = 0.0)) { (x) -> x.norm(intArrayOf(1)) }
  plain("norm of order 1", floats(N, 3)) { (x) -> x.norm(1, intArrayOf(1), false) }
  for (axis in listOf(0, 1, -1)) {
    smooth("softmax over axis $axis", floats(N, 2, 3)) { (x) -> x.softmax(axis) }
    smooth("log softmax over axis $axis", floats(N, 2, 3)) { (x) -> x.logSoftmax(axis) }
    smooth("cumulative sum over axis $axis", floats(N, 2, 3)) { (x) -> x.cumSum(axis) }
  }
  plain("cumulative sum of ints", ints(N, 3, type = DataType.INT32)) { (x) -> x.cumSum(1) }
}
