package io.github.diffusionhost.engine.gradient

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.OwnedOutputs
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.support.CompiledProgram
import io.github.diffusionhost.engine.support.OperatorExample
import java.util.Random

/** The gradients of an example's output by its arguments, compiled as a training step is. */
class DifferentiatedExample(example: OperatorExample, private val manager: NDManager) : AutoCloseable {
  private val type: TensorType
  private val found: List<Boolean>
  private val compiled: CompiledProgram

  init {
    val passes = Passes.of(Precision.FP32, manager)
    val forward = passes.beforeGradients(example.program(manager))
    val output = forward.outputs()[0]
    type = output.type()
    val seeded = ProgramBuilder(forward)
    val seed = seeded.input(type)
    val gradients = Gradients.of(seeded.build(listOf(output)), output, seed, forward.inputs())
    found = forward.inputs().map { it in gradients.of() }
    val outputs = listOf(output) + forward.inputs().mapNotNull { gradients.of()[it] }
    val whole = gradients.program().with(gradients.program().nodes(), outputs)
    compiled = CompiledProgram(OwnedOutputs(1).apply(passes.afterGradients(whole)), manager)
  }

  /** Some gradient of the output. */
  fun seed(images: Int): NDArray {
    val shape = Shape(*type.shape().map { it.at(images.toLong()) }.toLongArray())
    val random = Random(7)
    return manager.create(DoubleArray(shape.size().toInt()) { random.nextGaussian() }, shape).toType(type.type(), false)
  }

  /** The gradient by each argument; null where the output does not depend on it. */
  fun gradients(images: Int, inputs: List<NDArray>, seed: NDArray): List<NDArray?> {
    val outputs = compiled.call(images, inputs + seed).iterator()
    outputs.next()
    return found.map { if (it) outputs.next() else null }
  }

  override fun close() = compiled.close()
}
