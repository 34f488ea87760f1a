package io.github.diffusionhost.engine.support

import ai.djl.Device
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.ndarray.types.SparseFormat
import ai.djl.nn.Activation
import ai.djl.nn.Block
import ai.djl.nn.Parameter
import ai.djl.nn.convolutional.Conv2d
import ai.djl.nn.core.Embedding
import ai.djl.nn.core.Linear
import ai.djl.nn.norm.Dropout
import ai.djl.nn.norm.LayerNorm
import ai.djl.nn.pooling.Pool
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.api.ops.RotaryTable

/** Products, DJL's blocks and the functions of [Ops]. */
val layerExamples = products() + blocks() + pools() + ops()

private fun products() = operatorExamples {
  smooth("matrix times matrix", floats(N, 3), floats(3, 4)) { (x, w) -> x.matMul(w) }
  smooth("matrices times a matrix", floats(N, 2, 3), floats(3, 4)) { (x, w) -> x.matMul(w) }
  smooth("a matrix times matrices", floats(2, 3), floats(N, 3, 4)) { (w, x) -> w.matMul(x) }
  smooth("matrices times matrices", floats(N, 2, 3), floats(N, 3, 4)) { (x, y) -> x.matMul(y) }
  smooth("matrices times one matrix of rank 3", floats(N, 2, 3), floats(1, 3, 4)) { (x, w) -> x.matMul(w) }
  smooth("heads times heads", floats(N, 2, 3, 4), floats(N, 1, 4, 5)) { (x, y) -> x.matMul(y) }
  smooth("batched product", floats(N, 2, 3), floats(N, 3, 4)) { (x, y) -> x.batchMatMul(y) }
  smooth("a transposed product", floats(N, 3), floats(4, 3)) { (x, w) -> x.matMul(w.transpose()) }
  smooth("over images", floats(N, 3), floats(N, 4)) { (x, y) -> x.transpose().matMul(y) }
  plain("a matrix times a vector", floats(N, 3), floats(3)) { (x, v) -> x.matMul(v) }
}

/** A store that gives a block these values for its parameters. */
private class Given(private val values: Map<Parameter, NDArray>) : ParameterStore() {
  override fun getValue(parameter: Parameter?, device: Device?, training: Boolean): NDArray? = values[parameter]
}

/** A block as a function of its input and its parameters in order. */
private fun block(shape: Shape, make: () -> Block): (List<NDArray>) -> NDArray {
  val block = make()
  NDManager.newBaseManager().use { block.initialize(it, DataType.FLOAT32, shape) }
  return { arrays ->
    val given = block.parameters.values().zip(arrays.drop(1)).toMap()
    block.forward(Given(given), NDList(arrays[0]), false).singletonOrThrow()
  }
}

private fun blocks() = operatorExamples {
  smooth(
    "Linear",
    floats(N, 3),
    floats(4, 3),
    floats(4),
    function = block(Shape(1, 3)) { Linear.builder().setUnits(4).build() },
  )
  smooth(
    "Linear on tokens without bias",
    floats(N, 5, 3),
    floats(4, 3),
    function = block(Shape(1, 5, 3)) { Linear.builder().setUnits(4).optBias(false).build() },
  )
  smooth(
    "a large Linear",
    floats(N, 3, 128),
    floats(160, 128),
    floats(160),
    function = block(Shape(1, 3, 128)) { Linear.builder().setUnits(160).build() },
  )
  fun conv(filters: Int, change: Conv2d.Builder.() -> Unit = {}) =
    Conv2d.builder().setKernelShape(Shape(3, 3)).setFilters(filters).apply(change).build()
  smooth(
    "Conv2d",
    floats(N, 3, 5, 5),
    floats(4, 3, 3, 3),
    floats(4),
    function = block(Shape(1, 3, 5, 5)) { conv(4) },
  )
  smooth(
    "Conv2d with stride, padding and dilation",
    floats(N, 3, 7, 6),
    floats(4, 3, 3, 3),
    floats(4),
    function =
      block(Shape(1, 3, 7, 6)) {
        conv(4) {
          optStride(Shape(2, 1))
          optPadding(Shape(2, 3))
          optDilation(Shape(2, 1))
        }
      },
  )
  smooth(
    "Conv2d in groups without bias",
    floats(N, 4, 5, 5),
    floats(6, 2, 3, 3),
    function =
      block(Shape(1, 4, 5, 5)) {
        conv(6) {
          optGroups(2)
          optBias(false)
        }
      },
  )
  smooth(
    "LayerNorm",
    floats(N, 2, 6),
    floats(6),
    floats(6),
    function = block(Shape(1, 2, 6)) { LayerNorm.builder().axis(2).build() },
  )
  smooth(
    "LayerNorm over two axes",
    floats(N, 2, 6),
    floats(2, 6),
    floats(2, 6),
    function = block(Shape(1, 2, 6)) { LayerNorm.builder().axis(1, 2).build() },
  )
  for (type in listOf(DataType.INT64, DataType.INT32)) {
    smooth("Embedding of $type", ints(N, 4, from = 0, until = 5, type = type), floats(5, 3)) { (i, table) ->
      Embedding.embedding(i, table, SparseFormat.DENSE).singletonOrThrow()
    }
  }
  smooth(
    "Dropout that samples",
    floats(N, 3),
    function = block(Shape(1, 3)) { Dropout.builder().optRate(0.5f).build() },
  )
  smooth("an activation's block", floats(N, 3), function = block(Shape(1, 3)) { Activation.geluBlock() })
}

private fun pools() = operatorExamples {
  smooth("max pooling", floats(N, 2, 4, 6)) { (x) -> Pool.maxPool2d(x, Shape(2, 2), Shape(2, 2), Shape(0, 0), false) }
  smooth("max pooling that overlaps", floats(N, 2, 5, 5)) { (x) ->
    Pool.maxPool2d(x, Shape(3, 3), Shape(2, 2), Shape(1, 1), true)
  }
  smooth("average pooling", floats(N, 2, 4, 6)) { (x) ->
    Pool.avgPool2d(x, Shape(2, 2), Shape(2, 2), Shape(0, 0), false, true)
  }
  smooth("average pooling that does not count the padding", floats(N, 2, 5, 5)) { (x) ->
    Pool.avgPool2d(x, Shape(3, 3), Shape(2, 2), Shape(1, 1), true, false)
  }
  smooth("global average pooling", floats(N, 2, 4, 6)) { (x) -> Pool.globalAvgPool2d(x) }
}

private val rotary = RotaryTable(Array(3) { doubleArrayOf(it + 0.5) }, 4, 100.0)

private fun ops() = operatorExamples {
  smooth("silu", floats(N, 3)) { (x) -> Ops.silu(x) }
  smooth("exact gelu", floats(N, 3)) { (x) -> Ops.gelu(x) }
  smooth("layer norm", floats(N, 2, 6)) { (x) -> Ops.layerNorm(x, 1e-5f) }
  smooth("rms norm", floats(N, 2, 6)) { (x) -> Ops.rmsNorm(x, null, 1e-5f) }
  smooth("rms norm with weight", floats(N, 2, 6), floats(6)) { (x, w) -> Ops.rmsNorm(x, w, 1e-5f) }
  smooth("rms norm with a weight by head", floats(N, 2, 3, 4), floats(2, 1, 4)) { (x, w) -> Ops.rmsNorm(x, w, 1e-5f) }
  smooth("rms norm over images", floats(N, 3)) { (x) -> Ops.rmsNorm(x.transpose(), null, 0.5f) }
  smooth("group norm", floats(N, 4, 3, 3)) { (x) -> Ops.groupNorm(x, 2, null, null, 1e-5f) }
  smooth("group norm with weight", floats(N, 4, 3, 3), floats(4)) { (x, w) -> Ops.groupNorm(x, 2, w, null, 1e-5f) }
  smooth("group norm with weight and bias", floats(N, 4, 3, 2), floats(4), floats(4)) { (x, w, b) ->
    Ops.groupNorm(x, 4, w, b, 1e-5f)
  }
  smooth("rotation", floats(N, 2, 3, 4)) { (x) -> Ops.rotate(x, rotary.cos(x.manager), rotary.signedSin(x.manager)) }
  smooth("rotation by a part of the table", floats(N, 2, 2, 4)) { (x) ->
    Ops.rotate(x, rotary.cos(x.manager).get(":2"), rotary.signedSin(x.manager).get("1:"))
  }
  for ((heads, kvHeads) in listOf(4L to 4L, 4L to 2L, 4L to 1L)) {
    smooth(
      "attention of $heads heads with keys of $kvHeads",
      floats(N, heads, 3, 8),
      floats(N, kvHeads, 5, 8),
      floats(N, kvHeads, 5, 6),
    ) { (q, k, v) ->
      Ops.scaledDotProductAttention(q, k, v)
    }
  }
  for ((heads, kvHeads) in listOf(2L to 2L, 4L to 2L)) {
    smooth(
      "fused attention of $heads heads with keys of $kvHeads",
      floats(N, heads, 3, 8),
      floats(N, kvHeads, 192, 8),
      floats(N, kvHeads, 192, 8),
    ) { (q, k, v) ->
      Ops.scaledDotProductAttention(q, k, v)
    }
  }
  smooth("fused attention of views", floats(N, 192, 2, 8), floats(N, 192, 1, 16)) { (x, kv) ->
    val (k, v) = kv.transpose(0, 2, 1, 3).split(2, 3)
    Ops.scaledDotProductAttention(x.transpose(0, 2, 1, 3), k, v).transpose(0, 2, 1, 3).reshape(-1, 192, 16)
  }
  smooth("attention of views", floats(N, 3, 2, 8), floats(N, 3, 1, 16)) { (x, kv) ->
    val (k, v) = kv.transpose(0, 2, 1, 3).split(2, 3)
    Ops.scaledDotProductAttention(x.transpose(0, 2, 1, 3), k, v).transpose(0, 2, 1, 3).reshape(-1, 3, 16)
  }
  smooth("upsampling", floats(N, 2, 3, 4)) { (x) -> Ops.upsampleNearest(x, 2) }
  smooth("upsampling three times", floats(N, 2, 3, 4)) { (x) -> Ops.upsampleNearest(x, 3) }
  smooth("sinusoidal embedding", floats(N)) { (t) -> Ops.sinusoidalEmbedding(t, 8, false, 0.0, 10000.0) }
  smooth("sinusoidal embedding with sin first", floats(N)) { (t) -> Ops.sinusoidalEmbedding(t, 8, true, 1.0, 100.0) }
  plain("sinusoidal embedding of ints", ints(N, type = DataType.INT64)) { (t) ->
    Ops.sinusoidalEmbedding(t, 8, true, 1.0, 100.0)
  }
}
