package io.github.diffusionhost.api.model

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import ai.djl.nn.core.Linear
import ai.djl.training.ParameterStore
import ai.djl.training.initializer.Initializer
import io.github.diffusionhost.api.noise.Noise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** A block with a parameter and twelve children, so that positions have two digits. */
private class Tower : CompositeBlock() {
  val scale: Parameter = parameter("scale", Parameter.Type.GAMMA, Initializer.ONES, Shape(3))
  val layers = (0 until 12).map { child("layers.$it", Linear.builder().setUnits(3).build(), Shape(1, 3)) }

  override fun forward(pass: Forward, inputs: NDList) =
    NDList(
      layers.fold(inputs.singletonOrThrow()) { x, layer -> pass.apply(layer, x) }.mul(pass.value(scale, inputs.head()))
    )
}

private class Outer : CompositeBlock() {
  val first = child("1", Linear.builder().setUnits(2).optBias(false).build(), Shape(1, 5))
  val tower = child("tower", Tower())

  override fun forward(pass: Forward, inputs: NDList) = inputs
}

class ParameterNamesSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("names are joined with dots, in the order of definition") {
      val outer = Outer()
      outer.initialize(manager, DataType.FLOAT32)
      val names = ParameterNames.of(outer)
      names.keys.toList() shouldBe
        listOf("1.weight", "tower.scale") +
          (0 until 12).flatMap { listOf("tower.layers.$it.weight", "tower.layers.$it.bias") }
      names.getValue("1.weight").shape shouldBe Shape(2, 5)
      names.values.all { it.isInitialized } shouldBe true
    }

    test("a composite block runs its children with the parameters it was given") {
      val tower = Tower()
      tower.layers.forEach {
        it.setInitializer({ m, shape, type -> m.eye(3).mul(2).toType(type, false).reshape(shape) }, "weight")
      }
      tower.initialize(manager, DataType.FLOAT32)
      val pass = Forward.of(ParameterStore(manager, false), false, NoNoise)
      pass.apply(tower, manager.create(floatArrayOf(1f, 2f, 3f)).reshape(1, 3)).toFloatArray() shouldBe
        floatArrayOf(4096f, 8192f, 12288f)
    }

    test("a pass without noise says so when noise is wanted") {
      val pass = Forward(ParameterStore(manager, false), false, ai.djl.util.PairList())
      shouldThrow<IllegalStateException> { pass.noise() }.message shouldContain "start it with Forward.of"
    }

    test("initial weights are the noise's, scaled") {
      val noise =
        object : Noise {
          override fun normal(shape: Shape): NDArray = manager.create(floatArrayOf(-1f, 0f, 2f), shape)

          override fun uniform(shape: Shape): NDArray = manager.create(floatArrayOf(0f, 0.5f, 0.75f), shape)
        }
      NormalInitializer(noise, 0.5).initialize(manager, Shape(3), DataType.FLOAT32).toFloatArray() shouldBe
        floatArrayOf(-0.5f, 0f, 1f)
      UniformInitializer(noise, 2.0).initialize(manager, Shape(3), DataType.FLOAT32).toFloatArray() shouldBe
        floatArrayOf(-2f, 0f, 1f)
    }
  })

private object NoNoise : Noise {
  override fun normal(shape: Shape) = error("no draws are needed")

  override fun uniform(shape: Shape) = error("no draws are needed")
}
