package io.github.diffusionhost.plugins.unet

import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.engine.support.golden.shouldBeWithin
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

class BatchNormSpec :
  FunSpec({
    test("a batch is normalised by its own statistics, and the running ones move a tenth of the way to them") {
      NDManager.newBaseManager().use { manager ->
        val block = BatchNorm(2, UnetOptions.TINY)
        block.initialize(manager, DataType.FLOAT32, Shape(1, 2, 2, 3))
        val x = FloatArray(3 * 2 * 6) { ((it * 37) % 23) / 7f - it % 2 }
        val images = manager.create(x, Shape(3, 2, 2, 3))
        val store = ParameterStore(manager, false)

        fun channel(values: FloatArray, c: Int) = values.filterIndexed { i, _ -> i / 6 % 2 == c }.map { it.toDouble() }
        val pass = Forward.of(store, true, RecordedNoise())
        val out = pass.apply(block, images).toFloatArray()
        val parameters = ParameterNames.of(block)
        for (c in 0..1) {
          val own = channel(x, c)
          val mean = own.average()
          val squares = own.sumOf { (it - mean) * (it - mean) }
          val expected = own.map { ((it - mean) / sqrt(squares / own.size + 1e-5)).toFloat() }
          channel(out, c).map { it.toFloat() }.toFloatArray().shouldBeWithin(1e-5, expected.toFloatArray())
          val updates =
            pass.updates().mapKeys { (parameter, _) -> parameters.entries.first { it.value == parameter }.key }
          floatArrayOf(updates.getValue("running_mean").getFloat(c.toLong()))
            .shouldBeWithin(1e-6, floatArrayOf((0.1 * mean).toFloat()))
          floatArrayOf(updates.getValue("running_var").getFloat(c.toLong()))
            .shouldBeWithin(1e-6, floatArrayOf((0.9 + 0.1 * squares / (own.size - 1)).toFloat()))
        }
      }
    }

    test("outside training the running statistics count") {
      NDManager.newBaseManager().use { manager ->
        val block = BatchNorm(1, UnetOptions.TINY)
        block.initialize(manager, DataType.FLOAT32, Shape(1, 1, 1, 2))
        val parameters = ParameterNames.of(block)
        parameters.getValue("running_mean").array.set(floatArrayOf(3f))
        parameters.getValue("running_var").array.set(floatArrayOf(4f))
        val pass = Forward.of(ParameterStore(manager, false), false, RecordedNoise())
        val x = manager.create(floatArrayOf(3f, 7f), Shape(1, 1, 1, 2))
        block
          .forward(pass.parameters(), NDList(x), false, pass.params())
          .singletonOrThrow()
          .toFloatArray()
          .shouldBeWithin(1e-5, floatArrayOf(0f, 2f))
        pass.updates().isEmpty() shouldBe true
      }
    }
  })
