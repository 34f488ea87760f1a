package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.TensorType
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

private val FULL = DataType.FLOAT32
private val HALF = DataType.BFLOAT16

class MixedPrecisionSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    /** Every operation but casts, with the type that it makes. */
    fun Program.types() =
      nodes().filter { it.op() != "aten::to" }.map { it.op().removePrefix("aten::") to it.output().type().type() }

    val network = program {
      val x = input(float32Images(8))
      val w = input(float32(8, 8))
      val hidden = op("silu", add("aten::linear", float32Images(8), x, w))
      val normed = op("softmax", op("add", hidden, Argument.of(0.5)), Argument.of(1), Argument.Marker.NONE)
      listOf(add("aten::matmul", float32Images(8), op("mul", normed, x), w))
    }

    test("products are narrow, what follows them too, and softmax is not") {
      MixedPrecision().apply(network).types() shouldBe
        listOf("linear" to HALF, "silu" to HALF, "add" to HALF, "softmax" to FULL, "mul" to FULL, "matmul" to HALF)
    }

    test("inputs, weights and outputs keep their types, and values their first digits") {
      val mixed = MixedPrecision().apply(network)
      mixed.inputs().map { it.type().type() } shouldBe listOf(FULL, FULL)
      mixed.outputs().map { it.type() } shouldBe listOf(float32Images(8))
      mixed.shouldCompute(network, manager, 2e-2)
    }

    test("every tensor that goes into an operation is of one type") {
      for (node in MixedPrecision().apply(network).nodes()) {
        node.inputs().map { it.type().type() }.toSet().size shouldBe 1
      }
    }

    test("a cast is made once for each tensor") {
      val program = program {
        val x = input(float32Images(8))
        val w = input(float32(8, 8))
        listOf(add("aten::linear", x.type(), x, w), add("aten::matmul", x.type(), x, w))
      }
      val mixed = CommonSubexpressions().apply(MixedPrecision().apply(program))
      mixed.ops() shouldBe listOf("to", "to", "linear", "matmul", "to", "to")
    }

    test("sums, means, norms and what has no list are computed in float32") {
      val program = program {
        val x = input(float32Images(8))
        val y = add("aten::linear", x.type(), x, input(float32(8, 8)))
        val axes = arrayOf<Argument>(Argument.of(*longArrayOf(1)), Argument.of(true))
        val sum = add("aten::sum", float32Images(1), y, *axes)
        val mean = add("aten::mean", float32Images(1), y, *axes)
        listOf(op("mul", op("exp", y), op("div", sum, mean)))
      }
      val mixed = MixedPrecision().apply(program)
      mixed.types() shouldBe
        listOf("linear" to HALF, "sum" to FULL, "mean" to FULL, "exp" to FULL, "div" to FULL, "mul" to FULL)
    }

    test("a sum of a narrow tensor and a wide one is wide") {
      val program = program {
        val x = input(float32Images(8))
        listOf(op("add", x, add("aten::linear", x.type(), x, input(float32(8, 8)))))
      }
      MixedPrecision().apply(program).types() shouldBe listOf("linear" to HALF, "add" to FULL)
    }

    test("other data types are let be") {
      val program = program {
        val x = input(TensorType.of(DataType.FLOAT64, 3))
        val k = input(TensorType.of(DataType.INT64, 3))
        val sigmoid = add("aten::sigmoid", float32(3), k)
        listOf(op("sin", x), op("add", k, k), op("mul", sigmoid, Argument.of(2.0)))
      }
      val mixed = MixedPrecision().apply(program)
      mixed.ops() shouldBe program.ops()
      mixed.types().map { it.second } shouldBe listOf(FULL, DataType.FLOAT64, DataType.INT64, FULL)
      mixed.shouldCompute(program, manager)
    }

    test("casts that the network makes stay casts to what they say") {
      val program = program {
        val x = input(float32Images(8))
        val y = add("aten::linear", x.type(), x, input(float32(8, 8)))
        listOf(add("aten::to", y.type(), y, Argument.Type(FULL)))
      }
      val mixed = MixedPrecision().apply(program)
      mixed.outputs().single().type() shouldBe float32Images(8)
      mixed.shouldCompute(program, manager, 2e-2)
    }
  })
