package io.github.diffusionhost.engine.gradient

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.compile.CompiledFunction
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.support.OperatorExample
import java.util.Random

/** The gradients of an example's output by its arguments, compiled as a training step is. */
class DifferentiatedExample(example: OperatorExample, private val manager: NDManager) : AutoCloseable {
  private val program = example.program(manager)
  private val compiled = CompiledFunction.of(program, Passes.of(Precision.FP32, manager), manager)

  /** Some gradient of the output. */
  fun seed(images: Int): NDArray {
    val shape = compiled.shape(images.toLong())
    val random = Random(7)
    val type = program.outputs()[0].type().type()
    return manager.create(DoubleArray(shape.size().toInt()) { random.nextGaussian() }, shape).toType(type, false)
  }

  /** The gradient by each argument; null where the output does not depend on it. */
  fun gradients(images: Int, inputs: List<NDArray>, seed: NDArray): List<NDArray?> =
    compiled.call(images, inputs, seed).gradients()

  override fun close() = compiled.close()
}
