package io.github.diffusionhost.engine.trace

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.OperatorExample
import io.github.diffusionhost.engine.support.elementwiseExamples
import io.github.diffusionhost.engine.support.layerExamples
import io.github.diffusionhost.engine.support.reductionExamples
import io.github.diffusionhost.engine.support.shapeExamples
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** What is recorded computes what DJL computes, with batch sizes that were not recorded. */
@Tags("Slow")
class RecordedOperatorsSpec :
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
        for (example in examples) {
          test(example.name) { NDManager.newBaseManager().use { example.shouldComputeTheSame(it) } }
        }
      }
    }
  })

private fun OperatorExample.shouldComputeTheSame(manager: NDManager) {
  val recorded = program(manager)
  val passes = Passes.of(Precision.FP32, manager)
  val program = passes.afterGradients(passes.beforeGradients(recorded))
  for (images in listOf(4, 1)) {
    val inputs = arrays(manager, images)
    withClue("$images images") {
      ProgramModule(program, manager).use {
        it.call(images.toLong(), inputs).singletonOrThrow().shouldBeClose(function(inputs), 1e-6)
      }
      program.typesShouldBeTrue(manager, images, inputs)
    }
  }
}

/** The shapes and data types that passes and gradients rely on are those of the tensors. */
private fun Program.typesShouldBeTrue(
  manager: NDManager,
  images: Int,
  inputs: List<ai.djl.ndarray.NDArray>,
) {
  val made = nodes().flatMap { it.outputs() }
  ProgramModule(with(nodes(), made), manager).use { everything ->
    everything.call(images.toLong(), inputs).zip(made).forEach { (array, value) ->
      val maker = nodes().first { value in it.outputs() }
      withClue(maker.op()) {
        array.dataType shouldBe value.type().type()
        array.shape.shape.toList() shouldBe value.type().shape().map { it.at(images.toLong()) }
      }
    }
  }
}
