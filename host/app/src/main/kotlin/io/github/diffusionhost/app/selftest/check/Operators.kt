package io.github.diffusionhost.app.selftest.check

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import ai.djl.nn.convolutional.Conv2d
import io.github.diffusionhost.api.ops.Ops
import java.util.Random
import kotlin.math.sqrt

/**
 * A function of arrays that networks compute with.
 *
 * @property shapes of its arguments; [N] stands for the number of images
 * @property rounded whether it is computed in bfloat16 where that is asked for, as products are; what is not stays
 *   float32
 * @property function for float32 and float64
 */
internal class Operator(
  val name: String,
  private vararg val shapes: List<Long>,
  val rounded: Boolean = false,
  val function: (List<NDArray>) -> NDArray,
) {
  /** Normal values of float32; those of weights are so small that what they are summed with stays near 1. */
  fun arguments(manager: NDManager, images: Int): List<NDArray> = shapes.mapIndexed { i, sizes ->
    val shape = Shape(*sizes.map { if (it == N) images.toLong() else it }.toLongArray())
    val random = Random(i + 1L)
    val scale = if (sizes[0] == N || sizes.size < 2) 1.0 else 1 / sqrt(shape.size().toDouble() / shape[0])
    manager.create(FloatArray(shape.size().toInt()) { (scale * random.nextGaussian()).toFloat() }, shape)
  }

  companion object {
    const val N = -1L
  }
}

private const val N = Operator.N

private fun shape(vararg sizes: Long) = sizes.toList()

private fun convolution(x: NDArray, w: NDArray, b: NDArray?, stride: Long, padding: Long): NDArray =
  Conv2d.conv2d(x, w, b, Shape(stride, stride), Shape(padding, padding), Shape(1, 1), 1).singletonOrThrow()

private val IMAGE = shape(N, 32, 16, 16)
private val TOKENS = shape(N, 64, 128)
private val HEADS = shape(N, 4, 64, 32)

/** The operators in sizes that make devices use the kernels that they have for real networks. */
internal val OPERATORS: List<Operator> =
  listOf(
    Operator("product of tokens and weights", TOKENS, shape(128, 256), rounded = true) { (x, w) -> x.matMul(w) },
    Operator("product with transposed weights", TOKENS, shape(256, 128), rounded = true) { (x, w) ->
      x.matMul(w.transpose())
    },
    Operator("products of matrices", HEADS, HEADS, rounded = true) { (q, k) -> q.matMul(k.transpose(0, 1, 3, 2)) },
    Operator("convolution of 3×3", IMAGE, shape(48, 32, 3, 3), shape(48), rounded = true) { (x, w, b) ->
      convolution(x, w, b, 1, 1)
    },
    Operator("convolution of stride 2", IMAGE, shape(48, 32, 3, 3), shape(48), rounded = true) { (x, w, b) ->
      convolution(x, w, b, 2, 1)
    },
    Operator("convolution of 1×1 without bias", IMAGE, shape(48, 32, 1, 1), rounded = true) { (x, w) ->
      convolution(x, w, null, 1, 0)
    },
    Operator("attention", HEADS, HEADS, HEADS, rounded = true) { (q, k, v) -> Ops.scaledDotProductAttention(q, k, v) },
    Operator("attention with shared keys", HEADS, shape(N, 1, 64, 32), shape(N, 1, 64, 32), rounded = true) { (q, k, v)
      ->
      Ops.scaledDotProductAttention(q, k, v)
    },
    Operator("group norm", IMAGE, shape(32), shape(32)) { (x, w, b) -> Ops.groupNorm(x, 8, w, b, 1e-5f) },
    Operator("layer norm", TOKENS) { (x) -> Ops.layerNorm(x, 1e-5f) },
    Operator("RMS norm", TOKENS, shape(128)) { (x, w) -> Ops.rmsNorm(x, w, 1e-5f) },
    Operator("softmax", HEADS) { (x) -> x.softmax(-1) },
    Operator("SiLU", IMAGE) { (x) -> Ops.silu(x) },
    Operator("GELU", IMAGE) { (x) -> Ops.gelu(x) },
    Operator("tanh", IMAGE) { (x) -> x.tanh() },
    Operator("exponential and logarithm", IMAGE) { (x) -> x.exp().add(1).log() },
    Operator("sine and cosine", IMAGE) { (x) -> x.sin().mul(x.mul(3).cos()) },
    Operator("square root and quotient", IMAGE, IMAGE) { (x, y) -> x.div(y.square().add(1).sqrt()) },
    Operator("absolute values and powers", IMAGE) { (x) -> x.abs().add(0.5).pow(1.5) },
    Operator("mean of images", IMAGE) { (x) -> x.square().reshape(-1, 32 * 16 * 16).mean(intArrayOf(1)) },
    Operator("sum of channels", IMAGE) { (x) -> x.mul(x).sum(intArrayOf(1), true) },
    Operator("upsampling", IMAGE) { (x) -> Ops.upsampleNearest(x, 2).square() },
    Operator("joining and cutting", IMAGE, IMAGE) { (x, y) -> x.concat(y, 1).get(":, 8:40, 1:15").square() },
    Operator("order of axes", TOKENS) { (x) -> x.reshape(-1, 8, 8, 4, 32).transpose(0, 3, 4, 1, 2).square() },
    Operator("lookup in a table", shape(N, 16), shape(10, 16)) { (x, table) ->
      x.mul(table.get(":1")).add(table.get("3:4").mul(table.get("9:")))
    },
  )
