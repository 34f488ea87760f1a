package io.github.diffusionhost.engine.gradient

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.engine.support.OperatorExample
import io.github.diffusionhost.engine.support.doubles
import io.github.diffusionhost.engine.support.elementwiseExamples
import io.github.diffusionhost.engine.support.layerExamples
import io.github.diffusionhost.engine.support.reductionExamples
import io.github.diffusionhost.engine.support.shapeExamples
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec

/** Gradients of recorded programs are those of DJL's automatic differentiation. */
class GradientsSpec :
  FunSpec({
    val groups =
      mapOf(
        "element by element" to elementwiseExamples,
        "shapes" to shapeExamples,
        "reductions" to reductionExamples,
        "layers" to layerExamples,
      )
    for ((group, examples) in groups) {
      context(group) {
        for (example in examples.filter { it.gradient == OperatorExample.Gradient.AUTOMATIC }) {
          test(example.name) { NDManager.newBaseManager().use { example.shouldHaveTheSameGradients(it) } }
        }
      }
    }
  })

private fun OperatorExample.shouldHaveTheSameGradients(manager: NDManager) {
  DifferentiatedExample(this, manager).use { compiled ->
    for (images in listOf(4, 1)) {
      val inputs = arrays(manager, images)
      val seed = compiled.seed(images)
      val expected = eagerGradients(inputs, seed)
      val found = compiled.gradients(images, inputs, seed)
      inputs.indices
        .filter { arguments[it].isFloating }
        .forEach { i ->
          withClue("$images images, the gradient by argument $i") {
            val gradient = found[i]
            if (gradient == null) {
              expected[i].doubles().shouldBeClose(List(expected[i].size().toInt()) { 0.0 }, 0.0)
            } else {
              gradient.shouldBeClose(expected[i], 1e-5)
            }
          }
        }
    }
  }
}

private fun OperatorExample.eagerGradients(inputs: List<NDArray>, seed: NDArray): List<NDArray> {
  val wanted = inputs.filterIndexed { i, _ -> arguments[i].isFloating }
  wanted.forEach { it.setRequiresGradient(true) }
  GradientScope().use { scope ->
    scope.suppressNotUsedWarning()
    Engine.getEngine("PyTorch").newGradientCollector().use { collector ->
      collector.backward(function(inputs).mul(seed).sum())
    }
  }
  return inputs.mapIndexed { i, input -> if (arguments[i].isFloating) input.gradient else input }
}
