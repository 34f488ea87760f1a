package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import java.util.Random

/** The number of images, as a dimension of an example. */
const val N = -1L

/** An argument of a function of arrays: its values follow from shape and seed. */
class ExampleArray(private val type: DataType, private val shape: List<Long>, private val draw: (Random) -> Double) {
  val isFloating
    get() = type.isFloating

  fun array(manager: NDManager, images: Int, seed: Long): NDArray {
    val random = Random(seed * 1000 + images)
    val sizes = Shape(*shape.map { if (it == N) images.toLong() else it }.toLongArray())
    val values = DoubleArray(sizes.size().toInt()) { draw(random) }
    return manager.create(values, sizes).toType(type, false)
  }
}

/** Uniform float32 numbers. */
fun floats(vararg shape: Long, from: Double = -2.0, to: Double = 2.0) =
  ExampleArray(DataType.FLOAT32, shape.toList()) { from + (to - from) * it.nextDouble() }

/** Uniform float64 numbers. */
fun doubles(vararg shape: Long, from: Double = -2.0, to: Double = 2.0) =
  ExampleArray(DataType.FLOAT64, shape.toList()) { from + (to - from) * it.nextDouble() }

/** Uniform whole numbers in [from, until). */
fun ints(vararg shape: Long, from: Int = -5, until: Int = 6, type: DataType = DataType.INT32) =
  ExampleArray(type, shape.toList()) { (from + it.nextInt(until - from)).toDouble() }

/** Fair coins. */
fun coins(vararg shape: Long) = ExampleArray(DataType.BOOLEAN, shape.toList()) { it.nextInt(2).toDouble() }
