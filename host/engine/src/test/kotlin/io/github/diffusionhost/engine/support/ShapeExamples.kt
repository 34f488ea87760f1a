package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArrays
import ai.djl.ndarray.NDList
import ai.djl.ndarray.index.NDIndex
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape

/** What rearranges, selects and makes arrays. */
val shapeExamples = shapes() + indices() + parts() + copies() + newArrays()

private fun shapes() = operatorExamples {
  smooth("reshape", floats(N, 2, 6)) { (x) -> x.reshape(-1, 3, 4).mul(x.reshape(Shape(x.shape[0], 3, 4))) }
  smooth("all images in one row", floats(N, 2, 3)) { (x) -> x.reshape(x.shape[0] * 2, 3).sin() }
  smooth("flatten", floats(N, 2, 3)) { (x) -> x.flatten() }
  smooth("flatten some", floats(N, 2, 3)) { (x) -> x.flatten(1, 2) }
  smooth("expand dims", floats(N, 3)) { (x) -> x.expandDims(1).add(x.expandDims(-1)) }
  smooth("squeeze an axis", floats(N, 1, 3)) { (x) -> x.squeeze(1) }
  smooth("squeeze axes", floats(N, 1, 3, 1)) { (x) -> x.squeeze(intArrayOf(1, 3)) }
  smooth("transpose all", floats(N, 2, 3)) { (x) -> x.transpose() }
  smooth("transpose", floats(N, 2, 3)) { (x) -> x.transpose(2, 0, 1).mul(2) }
  smooth("transpose counted from the end", floats(N, 2, 3)) { (x) -> x.transpose(0, -1, -2) }
  smooth("swap axes", floats(N, 2, 3)) { (x) -> x.swapAxes(1, 2) }
  smooth("swap axes counted from the end", floats(N, 2, 3)) { (x) -> x.swapAxes(-1, 0) }
  smooth("flip", floats(N, 2, 3)) { (x) -> x.flip(2).sub(x.flip(1, -1)) }
  smooth("broadcast", floats(N, 1, 3)) { (x) -> x.broadcast(x.shape[0], 4, 3) }
  smooth("broadcast of one image", floats(1, 3), floats(N, 3)) { (x, y) -> x.broadcast(y.shape).mul(y) }
  smooth("broadcast of a vector", floats(3), floats(N, 3)) { (x, y) -> x.broadcast(y.shape).mul(y) }
}

private fun indices() = operatorExamples {
  smooth("slices", floats(N, 5, 4)) { (x) -> x.get(":, 1:4, :2") }
  smooth("slices counted from the end", floats(N, 5, 4)) { (x) -> x.get(":, -3:-1, -2:") }
  smooth("slices with steps", floats(N, 5, 4)) { (x) -> x.get(":, ::2, 1::3") }
  smooth("a slice beyond the end", floats(N, 5)) { (x) -> x.get(":, 2:9") }
  smooth("all but the first and last image", floats(N, 3)) { (x) -> x.get("1:").sum().add(x.get(":-1").sum()) }
  smooth("a fixed index", floats(N, 5, 4)) { (x) -> x.get(":, 2") }
  smooth("fixed indices", floats(N, 5, 4)) { (x) -> x.get(":, 2, -1") }
  smooth("fixed indices around a slice", floats(N, 5, 4, 2)) { (x) -> x.get(":, -2, 1:3, 1") }
  smooth("the first image", floats(N, 5)) { (x) -> x.get(0) }
  smooth("the last image", floats(N, 5)) { (x) -> x.get(-1).add(x.get(x.shape[0] - 1)) }
  smooth("an element of the first image", floats(N, 5)) { (x) -> x.get(0, 3) }
  smooth("an ellipsis before", floats(N, 5, 4)) { (x) -> x.get("..., 1:3") }
  smooth("an ellipsis before a fixed index", floats(N, 5, 4)) { (x) -> x.get("..., 1") }
  smooth("an ellipsis between", floats(N, 5, 4, 2)) { (x) -> x.get("1:, ..., 0") }
  smooth("an ellipsis after", floats(N, 5, 4)) { (x) -> x.get(":, 3, ...") }
  smooth("an index array", floats(N, 5), ints(7, from = 0, until = 5, type = DataType.INT64)) { (x, i) ->
    x.get(NDIndex(":, {}", i))
  }
  smooth("an index array on images", floats(6, 2), ints(N, from = 0, until = 6, type = DataType.INT64)) { (x, i) ->
    x.get(i)
  }
  smooth("an int32 index array", floats(6, 2), ints(N, from = 0, until = 6)) { (x, i) -> x.get(i) }
  smooth("gather", floats(N, 5), ints(N, 2, from = 0, until = 5, type = DataType.INT64)) { (x, i) -> x.gather(i, 1) }
  plain("one hot", ints(N, from = 0, until = 4)) { (x) -> x.oneHot(4) }
  plain("one hot of int64", ints(N, 2, from = 0, until = 4, type = DataType.INT64)) { (x) -> x.oneHot(4) }
  plain("one hot as ints", ints(N, from = 0, until = 4)) { (x) -> x.oneHot(4, DataType.INT32) }
}

private fun parts() = operatorExamples {
  smooth("equal parts", floats(N, 6)) { (x) ->
    val (a, b, c) = x.split(3, 1)
    a.mul(b).sub(c)
  }
  smooth("parts that are not all used", floats(N, 6)) { (x) -> x.split(3, 1)[1].sin() }
  smooth("parts that begin at indices", floats(N, 6)) { (x) ->
    val (a, b, c) = x.split(longArrayOf(1, 4), 1)
    NDArrays.concat(NDList(c, a, b), 1).mul(a)
  }
  smooth("one part", floats(N, 6)) { (x) -> x.split(1, 1)[0].sin() }
  smooth("concat", floats(N, 2), floats(N, 3)) { (x, y) -> x.concat(y, 1).mul(x.concat(y, -1)) }
  smooth("concat of three", floats(N, 2), floats(N, 3)) { (x, y) -> NDArrays.concat(NDList(x, y, x), 1).sin() }
  smooth("concat of images", floats(N, 3), floats(2, 3)) { (x, y) -> x.concat(y) }
  smooth("concat of float32 and float64", floats(N, 2), doubles(N, 3)) { (x, y) -> x.mul(2).concat(y, 1) }
  smooth("stack of float32 and float64", floats(N, 2), doubles(N, 2)) { (x, y) -> x.mul(2).stack(y) }
  smooth("stack", floats(N, 3), floats(N, 3)) { (x, y) -> x.stack(y).sin() }
  smooth("stack at the end", floats(N, 3), floats(N, 3)) { (x, y) -> NDArrays.stack(NDList(x, y, x), -1).sin() }
  smooth("stack in between", floats(N, 3), floats(N, 3)) { (x, y) -> x.stack(y, 1) }
}

private fun copies() = operatorExamples {
  smooth("repeat", floats(N, 2, 3)) { (x) -> x.repeat(1, 3).sin() }
  smooth("repeat counted from the end", floats(N, 2, 3)) { (x) -> x.repeat(-1, 2).sin() }
  smooth("repeat images", floats(N, 3)) { (x) -> x.repeat(0, 2).sin() }
  smooth("tile", floats(N, 2, 3)) { (x) -> x.tile(longArrayOf(1, 3, 2)).sin() }
  smooth("tile images", floats(N, 3)) { (x) -> x.tile(longArrayOf(2, 1)).sin() }
  smooth("tile to more dimensions", floats(N, 3)) { (x) -> x.tile(longArrayOf(2, 1, 2)).sin() }
}

private fun newArrays() = operatorExamples {
  smooth("zeros and ones", floats(N, 3)) { (x) ->
    x.mul(x.manager.ones(x.shape)).add(x.manager.zeros(Shape(x.shape[0], 1)))
  }
  smooth("zeros and ones like another", floats(N, 3)) { (x) -> x.mul(x.onesLike()).add(x.zerosLike()) }
  smooth("a filled array", floats(N, 3)) { (x) -> x.mul(x.manager.full(Shape(x.shape[0], 3), 0.3f)) }
  smooth("a range", floats(N, 3)) { (x) -> x.mul(x.manager.arange(3f)) }
  smooth("an array of Java values", floats(N, 3)) { (x) -> x.mul(x.manager.create(floatArrayOf(1f, 2f, 4f))) }
  smooth("an identity matrix", floats(N, 3)) { (x) -> x.matMul(x.manager.eye(3)) }
  smooth("even steps", floats(N, 3)) { (x) -> x.mul(x.manager.linspace(0f, 1f, 3)) }
  plain("int zeros and ones", ints(N, 3)) { (x) ->
    x.mul(x.manager.ones(x.shape, DataType.INT32)).add(x.manager.zeros(x.shape, DataType.INT64))
  }
  plain("booleans", coins(N, 3)) { (x) -> x.logicalXor(x.manager.ones(x.shape, DataType.BOOLEAN)) }
}
