package io.github.diffusionhost.api.ops

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.abs

private val shape = Shape(2, 4, 3, 4)

/** The gradient of a weighted sum of the outputs is that of small differences. */
class OpsGradientSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }
    val table = RotaryTable(Array(3) { doubleArrayOf(it.toDouble()) }, 4, 100.0)
    val weight = floatArrayOf(0.5f, 2f, -1f, 1.5f)

    mapOf<String, (NDArray) -> NDArray>(
        "silu" to Ops::silu,
        "gelu" to Ops::gelu,
        "layer norm" to { x -> Ops.layerNorm(x, 1e-3f) },
        "rms norm" to { x -> Ops.rmsNorm(x, manager.create(weight), 1e-3f) },
        "group norm" to { x -> Ops.groupNorm(x, 2, manager.create(weight), manager.create(weight), 1e-3f) },
        "attention" to { x -> Ops.scaledDotProductAttention(x, x.get(":, :2"), x.get(":, 2:").sin()) },
        "rotation" to { x -> Ops.rotate(x, table.cos(manager), table.signedSin(manager)) },
        "upsampling" to { x -> Ops.upsampleNearest(x, 2) },
      )
      .forEach { (name, op) ->
        test("$name can be differentiated") {
          val random = Random(1)
          val start = DoubleArray(shape.size().toInt()) { random.nextGaussian() }
          fun array(values: DoubleArray) = manager.create(FloatArray(values.size) { values[it].toFloat() }, shape)
          val x = array(start)
          val outputs = op(x).size().toInt()
          val factors = manager.create(FloatArray(outputs) { random.nextGaussian().toFloat() })
          fun sum(x: NDArray) = op(x).flatten().mul(factors).sum()
          x.setRequiresGradient(true)
          val gradient =
            GradientScope().use {
              Engine.getInstance().newGradientCollector().use { it.backward(sum(x)) }
              x.gradient.toFloatArray()
            }
          val step = 1e-2
          for (i in start.indices step 5) {
            fun moved(by: Double) = sum(array(start.copyOf().also { it[i] += by })).getFloat().toDouble()
            val difference = (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)
            withClue("element $i: gradient ${gradient[i]}, difference $difference") {
              (abs(gradient[i] - difference) <= 2e-3 * maxOf(1.0, abs(difference))) shouldBe true
            }
          }
        }
      }
  })
