package io.github.diffusionhost.engine.trace

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDArrays
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.index.NDIndex
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.nn.norm.Dropout
import ai.djl.training.ParameterStore
import io.github.diffusionhost.engine.support.ExampleArray
import io.github.diffusionhost.engine.support.N
import io.github.diffusionhost.engine.support.floats
import io.github.diffusionhost.engine.support.ints
import io.github.diffusionhost.engine.support.operatorExamples
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.string.shouldContain

/** What cannot be recorded is named. */
class RefusalsSpec :
  FunSpec({
    context("values that leave the program") {
      refused("toFloatArray", "NDArray.toFloatArray reads values") { x -> x.mul(x.toFloatArray()[0]) }
      refused("getFloat", "NDArray.getFloat reads values") { x -> x.mul(x.getFloat(0, 0)) }
      refused("toByteBuffer", "NDArray.toByteBuffer reads values") { x -> x.also { it.toByteBuffer() } }
      refused("contentEquals", "NDArray.contentEquals reads values") { x -> x.also { it.contentEquals(x) } }
      refused("printing", "NDArray.toDebugString reads values") { x -> x.also { it.toDebugString(true) } }
    }

    context("draws of DJL's own") {
      refused("dropout in training", "use Ops.dropout") { x ->
        x.ndArrayInternal.dropout(x, 0.5f, true).singletonOrThrow()
      }
      refused("a Dropout block in training", "use Ops.dropout") { x ->
        Dropout.builder().build().forward(ParameterStore(), NDList(x), true).singletonOrThrow()
      }
      refused("randomNormal", "NDManager.randomNormal draws numbers") { x -> x.add(x.manager.randomNormal(x.shape)) }
      refused("randomUniform", "NDManager.randomUniform draws numbers") { x ->
        x.add(x.manager.randomUniform(0f, 1f, x.shape))
      }
    }

    context("sizes that depend on values, and operators that are not known") {
      refused("a mask as an index", "NDIndexBooleans") { x -> x.get(x.gt(0)) }
      refused("booleanMask", "NDArray.booleanMask") { x -> x.booleanMask(x.gt(0)) }
      refused("nonzero", "NDArray.nonzero") { x -> x.nonzero() }
      refused("argMax", "NDArray.argMax") { x -> x.argMax(1) }
      refused("setting elements", "getIndexer") { x -> x.mul(2).also { it.set(NDIndex(":, 0"), 1) } }
      refused("batch norm's block", "NDArrayEx.batchNorm") { x ->
        val one = x.manager.ones(Shape(3))
        x.ndArrayInternal.batchNorm(x, one, one, one, one, 1, 0.9f, 1e-5f, true)[0]
      }
      refused("pooling along one axis", "pooling of anything but images") { x ->
        x.expandDims(1).ndArrayInternal.avgPool(Shape(2), Shape(1), Shape(0), false, true)
      }
      refusedOf(
        "two index arrays",
        "an index array and another index",
        floats(N, 3),
        ints(2, from = 0, until = 2, type = DataType.INT64),
      ) { (x, i) ->
        x.get(NDIndex("{}, {}", i, i))
      }
      refusedOf(
        "an index array and a fixed index",
        "an index array and another index",
        floats(N, 3, 2),
        ints(2, from = 0, until = 2, type = DataType.INT64),
      ) { (x, i) ->
        x.get(NDIndex(":, {}, 1", i))
      }
    }

    context("changes in place") {
      refused("an input", "NDArray.addi changes an input or a parameter in place") { x -> x.addi(1) }
      refused("a view of an input", "NDArray.muli changes an input or a parameter in place") { x ->
        x.reshape(-1).muli(2)
      }
      refused("a constant", "NDArray.subi changes an input or a parameter in place") { x ->
        x.add(x.manager.create(1f).subi(1f))
      }
      refused("a view after its base has changed", "is used after a view of it was changed") { x ->
        val base = x.mul(2)
        val view = base.get(":, 0")
        base.addi(1)
        view.sin()
      }
      refused("a base after its view has changed", "is used after a view of it was changed") { x ->
        val base = x.mul(2)
        base.split(3, 1)[0].addi(1)
        base.sin()
      }
      refused("an array after its detached twin has changed", "is used after a view of it was changed") { x ->
        val base = x.mul(2)
        base.stopGradient().addi(1)
        base.sin()
      }
      refused("a stale view as an argument", "is used after a view of it was changed") { x ->
        val base = x.mul(2)
        val view = base.reshape(-1, 3)
        base.addi(1)
        x.add(view)
      }
    }

    context("what depends on the batch size") {
      refused("a number", "a number given to aten::mul depends on the batch size") { x -> x.mul(1.0 / x.shape[0]) }
      refused("a constant's values", "the values of a constant") { x ->
        x.mul(x.manager.create(floatArrayOf(x.shape[0].toFloat())))
      }
      refused("a constant's size", "the values of a constant") { x -> x.manager.arange(x.shape[0].toFloat()) }
      refused("the number of operations", "the number of operations depends on the batch size") { x ->
        if (x.shape[0] > 2) x.mul(2) else x.mul(2).add(1)
      }
      refused("the kind of an operation", "an operation depends on the batch size") { x ->
        if (x.shape[0] > 2) x.sin() else x.cos()
      }
      refused("the number of constants", "the number of constants depends on the batch size") { x ->
        if (x.shape[0] > 2) x.mul(x.manager.create(2f)) else x.mul(x)
      }
      refused("which tensor is used", "a tensor given to aten::add depends on the batch size") { x ->
        val choices = listOf(x.sin(), x.cos())
        x.add(choices[(x.shape[0] % 2).toInt()])
      }
      refused("which tensor is returned", "a tensor given to the caller depends on the batch size") { x ->
        listOf(x.sin(), x.cos())[(x.shape[0] % 2).toInt()]
      }
      refused("a quadratic size", "a size, which is not a linear function") { x ->
        x.manager.zeros(Shape(x.shape[0] * x.shape[0]))
      }
      refused("a table of images by images", "is quadratic in the batch") { x -> x.matMul(x.transpose()) }
      refused("every second image", "a size, which is not a linear function") { x -> x.get("::2") }
      refused("at most three images", "a size, which is not a linear function") { x -> x.get(":3") }
    }

    context("an ordinary array that computes with a recorded one") {
      val manager = NDManager.newBaseManager()
      afterSpec { manager.close() }
      val real = manager.ones(Shape(3))
      val named = "ordinary array"
      refused("times", named) { x -> real.mul(x) }
      refused("minus, in place", named) { x -> manager.ones(Shape(1, 3)).subi(x) }
      refused("matrix times", named) { x -> manager.ones(Shape(2, 3)).matMul(x.transpose()) }
      refused("maximum", named) { x -> real.maximum(x) }
      refused("comparison", named) { x -> real.gt(x) }
      refused("concatenation", named) { x -> manager.ones(Shape(1, 3)).concat(x) }
      refused("stack", named) { x -> NDArrays.stack(NDList(manager.ones(x.shape), x)) }
      refused("choice", named) { x -> NDArrays.where(x.gt(0), manager.ones(x.shape), x) }
      refused("linear layer", named) { x -> real.ndArrayInternal.linear(real, x, null).singletonOrThrow() }
      refused("index", named) { x -> real.get(x.toType(DataType.INT64, false).get(":, 0")) }
      refused("gather", named) { x -> manager.ones(Shape(9, 3)).gather(x.toType(DataType.INT64, false), 0) }
    }
  })

private suspend fun FunSpecContainerScope.refusedOf(
  name: String,
  message: String,
  vararg arguments: ExampleArray,
  function: (List<NDArray>) -> NDArray,
) =
  test(name) {
    val example = operatorExamples { plain(name, *arguments, function = function) }.single()
    NDManager.newBaseManager().use { manager ->
      shouldThrow<NotTraceableException> { example.program(manager) }.message!! shouldContain message
    }
  }

private suspend fun FunSpecContainerScope.refused(name: String, message: String, function: (NDArray) -> NDArray) =
  refusedOf(name, message, floats(N, 3)) { (x) -> function(x) }
