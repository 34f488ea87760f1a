package io.github.diffusionhost.engine.step

import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.pow
import kotlin.math.sqrt

class OptimizerStepSpec :
  FunSpec({
    bothWays { way ->
      test("adam, adamw and sgd with momentum follow their equations") {
        for (options in
          listOf(adam(), adam(decay = 0.1), adam(OptimizerOptions.Kind.ADAMW, 0.1), sgd(0.9, 0.1), sgd())) {
          way.bench(options) { bench ->
            val weight = bench.network.trainable().getValue("level")
            val expected = ReferenceOptimizer(options, weight.toFloatArray())
            for (number in 0L until 4L) {
              val plain = bench.gradientOf("level", number)
              bench.run(number)
              expected.update(plain, 1e-2)
              weight.toFloatArray().zip(expected.weight.toList()).forEach { (a, b) ->
                a.toDouble() shouldBe (b plusOrMinus 2e-6)
              }
            }
          }
        }
      }

      test("a parameter that the loss does not depend on is left alone, weight decay included") {
        way.bench(adam(OptimizerOptions.Kind.ADAMW, 0.5)) { bench ->
          val before = bench.values().getValue("unused")
          repeat(3) { bench.run(it.toLong()) }
          bench.values().getValue("unused") shouldContainExactly before
        }
      }
    }
  })

/** The equations of the papers, in float64. */
private class ReferenceOptimizer(private val options: OptimizerOptions, start: FloatArray) {
  val weight = start.map { it.toDouble() }.toDoubleArray()
  private val m = DoubleArray(start.size)
  private val v = DoubleArray(start.size)
  private var t = 0

  fun update(gradient: DoubleArray, lr: Double) {
    t++
    for (i in weight.indices) {
      var g = gradient[i]
      if (options.use() != OptimizerOptions.Kind.ADAMW) g += options.weightDecay() * weight[i]
      if (options.use() == OptimizerOptions.Kind.SGD) {
        m[i] = options.momentum() * m[i] + g
        weight[i] -= lr * m[i]
      } else {
        if (options.use() == OptimizerOptions.Kind.ADAMW) weight[i] *= 1 - lr * options.weightDecay()
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        val mHat = m[i] / (1 - 0.9.pow(t))
        val vHat = v[i] / (1 - 0.999.pow(t))
        weight[i] -= lr * mHat / (sqrt(vHat) + options.eps())
      }
    }
  }
}
