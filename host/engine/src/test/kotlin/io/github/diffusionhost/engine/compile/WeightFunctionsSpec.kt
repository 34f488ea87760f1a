package io.github.diffusionhost.engine.compile

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.index.NDIndex
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.gradient.Gradients
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.pass.examples
import io.github.diffusionhost.engine.pass.float32
import io.github.diffusionhost.engine.pass.float32Images
import io.github.diffusionhost.engine.pass.op
import io.github.diffusionhost.engine.pass.ops
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.Value
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Rows of [w] have length 1; they and [v] as it is make two factors of [x], one of [w] as well. */
private class Example(cast: Boolean = false) {
  private val builder = ProgramBuilder()
  val w: Value = builder.input(float32(4, 3))
  val v: Value = builder.input(float32(4, 3))
  val x: Value = builder.input(float32Images(3))
  val forward: Program

  init {
    val squares = builder.op("mul", w, w)
    val sum = builder.add("aten::sum", float32(4, 1), squares, Argument.of(*longArrayOf(1)), Argument.of(true))
    var unit = builder.op("div", w, builder.op("sqrt", sum))
    if (cast) unit = builder.cast(builder.cast(unit, DataType.FLOAT16), DataType.FLOAT32)
    val out = listOf(unit, v, w).map { times(it) }
    forward = builder.build(listOf(builder.op("tanh", builder.op("add", builder.op("add", out[0], out[1]), out[2]))))
  }

  private fun times(matrix: Value): Value {
    val same = builder.add("aten::reshape", float32(4, 3), matrix, Argument.of(*longArrayOf(4, 3)))
    return builder.add("aten::linear", float32Images(4), x, same, Argument.Marker.NONE)
  }
}

class WeightFunctionsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("functions of weights are apart; weights as they are, in another shape, belong to the rest") {
      val example = Example()
      val functions = WeightFunctions.of(example.forward, listOf(example.w, example.v))
      functions.before().ops().filter { it != "reshape" } shouldContainExactly listOf("mul", "sum", "sqrt", "div")
      functions.before().outputs().map { it.type().shape().map { d -> d.at(1) } } shouldBe listOf(listOf(4L, 3L))
      functions.rest().ops() shouldContainExactly
        listOf("linear", "reshape", "linear", "reshape", "linear", "add", "add", "tanh")
      functions.rest().inputs() shouldContainExactly example.forward.inputs() + functions.before().outputs()
    }

    test("what rounds to a smaller type belongs to the rest") {
      val example = Example(cast = true)
      val functions = WeightFunctions.of(example.forward, listOf(example.w, example.v))
      functions.before().outputs().map { it.type() } shouldBe listOf(float32(4, 3))
      functions.rest().ops().take(2) shouldContainExactly listOf("to", "to")
    }

    test("a weight that a part of a batch changes is no known one") {
      val example = Example()
      val functions = WeightFunctions.of(example.forward, listOf(example.v))
      functions.before().outputs() shouldBe listOf()
      functions.rest().ops() shouldContainExactly example.forward.ops()
    }

    test("gradients by way of the parts' sums are the gradients of the whole") {
      val example = Example()
      val (w, v) = example.w to example.v
      val passes = Passes.of(Precision.FP32, manager)
      val functions = WeightFunctions.of(example.forward, listOf(w, v))
      val results = functions.before().outputs()

      val rest = differentiated(functions.rest(), listOf(w, v) + results)
      val pulled = WeightGradients.of(functions.before(), listOf(w, v) + results, mapOf("w" to w, "v" to v), passes)
      val (wArray, vArray, images) = example.forward.examples(manager, 5)
      val seed = manager.randomNormal(Shape(5, 4))

      val made = run(functions.before(), 5, listOf(wArray, vArray, images))
      val sums =
        listOf(0 to 2, 2 to 5)
          .map { (from, to) ->
            val part = NDIndex("$from:$to")
            run(rest, to - from, listOf(wArray, vArray, images.get(part)) + made + seed.get(part))
          }
          .reduce { a, b -> a.zip(b) { p, q -> p.add(q) } }
      val whole =
        Program(
          pulled.program().inputs(),
          pulled.program().constants(),
          pulled.program().nodes(),
          listOf("w", "v").map { pulled.gradients().getValue(it) },
        )
      val found = run(whole, 5, listOf(wArray, vArray, images) + sums)

      val expected = run(differentiated(example.forward, listOf(w, v)), 5, listOf(wArray, vArray, images, seed))
      found.zip(expected) { a, b -> a.shouldBeClose(b, 1e-5) }
      pulled.gradients().getValue("v") shouldBe pulled.seeds()[1]
    }
  })

/** From the inputs and a seed to the gradients of the first output. */
private fun differentiated(program: Program, wanted: List<Value>): Program {
  val builder = ProgramBuilder(program)
  val seed = builder.input(program.outputs()[0].type())
  val gradients = Gradients.of(builder.build(program.outputs()), program.outputs()[0], seed, wanted)
  return gradients.program().with(gradients.program().nodes(), wanted.map { gradients.of().getValue(it) })
}

private fun run(program: Program, images: Int, arrays: List<NDArray>): List<NDArray> =
  ProgramModule(program, arrays[0].manager).use { it.call(images.toLong(), arrays) }
