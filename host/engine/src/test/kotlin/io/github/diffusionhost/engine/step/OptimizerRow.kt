package io.github.diffusionhost.engine.step

import io.github.diffusionhost.engine.optimize.OptimizerOptions
import kotlin.math.pow
import kotlin.math.sqrt

/**
 * One element of a weight before an update.
 *
 * @property m its moments, which the update changes
 * @property g its gradient
 * @property t the number of the update, from 1
 */
internal class Element(val weight: Double, val m: DoubleArray, val g: Double, val lr: Double, val t: Int)

/**
 * An optimizer that [OptimizersSpec] looks at.
 *
 * @property name for the names of tests
 * @property equation of its paper, in float64: the new value
 */
internal class OptimizerRow(
  val name: String,
  val options: OptimizerOptions,
  val equation: Element.() -> Double,
)

/** Every optimizer that there is, some with more than one set of options. */
internal val OPTIMIZERS =
  listOf(
    OptimizerRow("sgd", sgd()) { weight - lr * g },
    OptimizerRow("sgd with momentum and weight decay", sgd(0.9, 0.1)) {
      m[0] = 0.9 * m[0] + g + 0.1 * weight
      weight - lr * m[0]
    },
    OptimizerRow("adam", adam()) { weight - lr * adam(g) },
    OptimizerRow("adam with weight decay", adam(decay = 0.1)) { weight - lr * adam(g + 0.1 * weight) },
    OptimizerRow("adamw", adam(OptimizerOptions.Kind.ADAMW, 0.1)) { weight * (1 - lr * 0.1) - lr * adam(g) },
  )

/** The direction of arXiv 1412.6980, algorithm 1. */
private fun Element.adam(g: Double): Double {
  m[0] = 0.9 * m[0] + 0.1 * g
  m[1] = 0.999 * m[1] + 0.001 * g * g
  val mHat = m[0] / (1 - 0.9.pow(t))
  val vHat = m[1] / (1 - 0.999.pow(t))
  return mHat / (sqrt(vHat) + 1e-8)
}
