package io.github.diffusionhost.engine.gradient

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.support.OperatorExample
import io.github.diffusionhost.engine.support.doubles
import io.github.diffusionhost.engine.support.elementwiseExamples
import io.github.diffusionhost.engine.support.layerExamples
import io.github.diffusionhost.engine.support.reductionExamples
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize

private const val STEP = 1e-4

/** Gradients of recorded programs are central differences of DJL's functions in float64. */
class FiniteDifferencesSpec :
  FunSpec({
    val chosen =
      listOf(
        "rms norm with weight",
        "rms norm with a weight by head",
        "group norm with weight and bias",
        "layer norm",
        "rotation",
        "attention of 4 heads with keys of 4",
        "attention of 4 heads with keys of 2",
        "exact gelu",
        "softmax over axis -1",
        "pow of rows and a vector",
        "norm over an axis, kept",
        "upsampling",
        "matrices times a matrix",
      )
    val all = elementwiseExamples + reductionExamples + layerExamples
    val examples = all.filter { it.name in chosen || it.gradient == OperatorExample.Gradient.DIFFERENCES }
    test("every function is known") { all.filter { it.name in chosen } shouldHaveSize chosen.size }
    for (example in examples) {
      test(example.name) { NDManager.newBaseManager().use { example.gradientsShouldBeDifferences(it) } }
    }
  })

private fun OperatorExample.gradientsShouldBeDifferences(manager: NDManager) {
  DifferentiatedExample(this, manager).use { compiled ->
    val inputs = arrays(manager, 2)
    val seed = compiled.seed(2)
    compiled.gradients(2, inputs, seed).forEachIndexed { i, gradient ->
      withClue("the gradient by argument $i") { gradient!!.doubles().shouldBeClose(differences(inputs, seed, i), 1e-5) }
    }
  }
}

private fun OperatorExample.differences(inputs: List<NDArray>, seed: NDArray, of: Int): List<Double> {
  val precise = inputs.map { it.toType(DataType.FLOAT64, true) }
  val factors = seed.toType(DataType.FLOAT64, true)
  val values = precise[of].toDoubleArray()
  fun at(element: Int, by: Double): Double {
    val moved = values.copyOf().also { it[element] += by }
    val array = factors.manager.create(moved, precise[of].shape)
    return function(precise.toMutableList().also { it[of] = array })
      .toType(DataType.FLOAT64, false)
      .mul(factors)
      .sum()
      .getDouble()
  }
  return values.indices.map { (at(it, STEP) - at(it, -STEP)) / (2 * STEP) }
}
