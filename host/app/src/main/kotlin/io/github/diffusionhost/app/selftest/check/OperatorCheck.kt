package io.github.diffusionhost.app.selftest.check

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.difference
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.compile.CompiledFunction
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.scope.NoGradientScope
import java.util.Random

/** Operators and their gradients, operation by operation and compiled, against float64 on the CPU. */
internal class OperatorCheck(private val operators: List<Operator> = OPERATORS) : SelfCheck {
  override val area = "operators"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    for (operator in operators) {
      NoGradientScope().use { scope ->
        scope.suppressNotUsedWarning()
        val right = Right(operator, subject)
        found(measured(operator, "float32", FLOAT32, maxOf(eager(subject, right), compiled(subject, right, FP32))))
        if (operator.rounded) found(measured(operator, "bfloat16", BFLOAT16, compiled(subject, right, BF16)))
      }
    }
  }

  private fun measured(operator: Operator, type: String, bound: Double, figure: Double) =
    Measured.of(area, "${operator.name}, $type", figure, bound)

  private fun eager(subject: Subject, right: Right): Double {
    val output = right.operator.function(right.operator.arguments(subject.manager, IMAGES))
    return difference(output.values(), right.output)
  }

  private fun compiled(subject: Subject, right: Right, precision: Precision): Double {
    val operator = right.operator
    val program =
      CompiledFunction.record(operator.function, { operator.arguments(subject.manager, it) }, subject.manager)
    CompiledFunction.of(program, subject.passes.of(precision, subject.manager), subject.manager).use { compiled ->
      val arguments = operator.arguments(subject.manager, IMAGES)
      val results = compiled.call(IMAGES, arguments, subject.manager.create(right.seed, right.shape))
      val gradients =
        results.gradients().mapIndexed { i, gradient ->
          difference(gradient?.values() ?: DoubleArray(arguments[i].size().toInt()), right.gradients[i])
        }
      return maxOf(difference(results.output().values(), right.output), gradients.max())
    }
  }

  /** What an operator gives in float64 on the CPU. */
  private class Right(val operator: Operator, subject: Subject) {
    val shape: Shape
    val seed: FloatArray
    val output: DoubleArray
    val gradients: List<DoubleArray>

    init {
      val arguments = operator.arguments(subject.host, IMAGES).map { it.toType(DataType.FLOAT64, true) }
      arguments.forEach { it.setRequiresGradient(true) }
      lateinit var result: NDArray
      GradientScope().use { scope ->
        scope.suppressNotUsedWarning()
        Engine.getEngine("PyTorch").newGradientCollector().use { collector ->
          result = operator.function(arguments)
          val random = Random(SEED)
          seed = FloatArray(result.size().toInt()) { random.nextGaussian().toFloat() }
          val factors = subject.host.create(seed, result.shape).toType(DataType.FLOAT64, false)
          collector.backward(result.mul(factors).sum())
        }
        shape = result.shape
        output = result.values()
        gradients = arguments.map { it.gradient.values() }
      }
    }
  }

  private companion object {
    const val IMAGES = 4
    const val SEED = 7L
    val FP32 = Precision.FP32
    val BF16 = Precision.BF16

    /** Sums of some thousand products, each rounded to 2⁻²⁴, as a share of the largest of them. */
    const val FLOAT32 = 1e-5

    /** The same of factors that are rounded to 2⁻⁹. */
    const val BFLOAT16 = 2e-2
  }
}
