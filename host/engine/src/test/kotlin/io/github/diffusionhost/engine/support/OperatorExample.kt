package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.compile.CompiledFunction
import io.github.diffusionhost.engine.program.Program

/** A function of arrays with examples of them. */
class OperatorExample(
  val name: String,
  val arguments: List<ExampleArray>,
  val gradient: Gradient,
  val function: (List<NDArray>) -> NDArray,
) {
  /** What the gradients are compared with. */
  enum class Gradient {
    NONE,
    AUTOMATIC,
    DIFFERENCES,
  }

  fun arrays(manager: NDManager, images: Int) = arguments.mapIndexed { i, argument ->
    argument.array(manager, images, i + 1L)
  }

  /** The function for any number of images. */
  fun program(constants: NDManager): Program =
    CompiledFunction.record({ function(it) }, { arrays(constants, it) }, constants)
}

/** A table of examples. */
class OperatorExamples {
  val all = mutableListOf<OperatorExample>()

  /** A function whose gradients by every floating argument exist. */
  fun smooth(name: String, vararg arguments: ExampleArray, function: (List<NDArray>) -> NDArray) {
    all += OperatorExample(name, arguments.toList(), OperatorExample.Gradient.AUTOMATIC, function)
  }

  /** A function whose gradients DJL does not find, or not rightly. */
  fun differenced(name: String, vararg arguments: ExampleArray, function: (List<NDArray>) -> NDArray) {
    all += OperatorExample(name, arguments.toList(), OperatorExample.Gradient.DIFFERENCES, function)
  }

  /** A function that is not differentiated. */
  fun plain(name: String, vararg arguments: ExampleArray, function: (List<NDArray>) -> NDArray) {
    all += OperatorExample(name, arguments.toList(), OperatorExample.Gradient.NONE, function)
  }
}

fun operatorExamples(write: OperatorExamples.() -> Unit) = OperatorExamples().apply(write).all
