package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Dim
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.program.Value
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.Random

/** A float32 tensor of fixed shape. */
fun float32(vararg shape: Long): TensorType = TensorType.of(DataType.FLOAT32, *shape)

/** A float32 tensor with images in front. */
fun float32Images(vararg shape: Long) = TensorType(DataType.FLOAT32, listOf(Dim.BATCH) + shape.map { Dim.of(it) })

/** A program that is written by hand. */
fun program(write: ProgramBuilder.() -> List<Value>): Program = ProgramBuilder().run { build(write()) }

/** An operation on tensors that returns one of the first one's type. */
fun ProgramBuilder.op(name: String, vararg arguments: Argument): Value =
  add("aten::$name", (arguments[0] as Value).type(), *arguments)

fun Program.ops() = nodes().map { it.op().removePrefix("aten::") }

/** Random arrays for the inputs of a program. */
fun Program.examples(manager: NDManager, images: Int): List<NDArray> {
  val random = Random(3)
  return inputs().map { input ->
    val shape = Shape(*input.type().shape().map { it.at(images.toLong()) }.toLongArray())
    val values = DoubleArray(shape.size().toInt()) { random.nextGaussian() }
    manager.create(values, shape).toType(input.type().type(), false)
  }
}

/** The same outputs as another program of the same inputs, in type, shape and value. */
fun Program.shouldCompute(other: Program, manager: NDManager, tolerance: Double = 1e-6) {
  inputs() shouldContainExactly other.inputs()
  for (images in listOf(1, 3)) {
    val arrays = examples(manager, images)
    val own = ProgramModule(this, manager).use { it.call(images.toLong(), arrays) }
    val expected = ProgramModule(other, manager).use { it.call(images.toLong(), arrays) }
    own.size shouldBe expected.size
    own.zip(expected).forEach { (a, b) -> a.shouldBeClose(b, tolerance) }
    outputs().zip(own).forEach { (value, array) -> value.type().type() shouldBe array.dataType }
  }
}
