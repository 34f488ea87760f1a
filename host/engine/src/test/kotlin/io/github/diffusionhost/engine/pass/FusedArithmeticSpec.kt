package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.program.Value
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe

class FusedArithmeticSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun onThree(write: ProgramBuilder.(Value, Value, Value) -> Value): Program = program {
      val inputs = List(3) { input(float32Images(3)) }
      listOf(write(inputs[0], inputs[1], inputs[2]))
    }
    fun fused(program: Program) = FusedArithmetic().apply(program).also { it.shouldCompute(program, manager) }

    test("a sum with a product on either side is one operation") {
      val right = fused(onThree { a, p, q -> op("add", a, op("mul", p, q)) })
      right.ops() shouldBe listOf("addcmul")
      right.nodes().single().named().shouldBeEmpty()
      fused(onThree { a, p, q -> op("add", op("mul", p, q), a) }).ops() shouldBe listOf("addcmul")
    }

    test("a difference subtracts the product; one from a product stays") {
      fused(onThree { a, p, q -> op("sub", a, op("mul", p, q)) }).ops() shouldBe listOf("addcmul")
      fused(onThree { a, p, q -> op("sub", op("mul", p, q), a) }).ops() shouldBe listOf("mul", "sub")
    }

    test("a product with a number is a factor of the sum") {
      val sum = fused(onThree { a, p, _ -> op("add", a, op("mul", p, Argument.of(0.3))) })
      sum.ops() shouldBe listOf("add")
      sum.nodes().single().named() shouldBe mapOf("alpha" to Argument.of(0.3))
      val difference = fused(onThree { a, p, _ -> op("sub", a, op("mul", p, Argument.of(0.3))) })
      difference.nodes().single().named() shouldBe mapOf("alpha" to Argument.of(-0.3))
    }

    test("of two products the second is taken in") {
      fused(onThree { a, p, q -> op("add", op("mul", a, p), op("mul", p, q)) }).ops() shouldBe listOf("mul", "addcmul")
    }

    test("broadcasts are fused") {
      val program = program {
        val a = input(float32Images(2, 3))
        val p = input(float32Images(1, 3))
        val q = input(float32(3))
        listOf(op("add", a, op("mul", p, q)), add("aten::add", a.type(), p, op("mul", a, q)))
      }
      fused(program).ops() shouldBe listOf("addcmul", "addcmul")
    }

    test("a product that is needed elsewhere stays") {
      val twice = onThree { a, p, q ->
        val product = op("mul", p, q)
        op("mul", op("add", a, product), product)
      }
      fused(twice).ops() shouldBe twice.ops()
      val output = program {
        val x = input(float32Images(3))
        val product = op("mul", x, x)
        listOf(op("add", x, product), product)
      }
      fused(output).ops() shouldBe output.ops()
      val both = onThree { _, p, q -> op("mul", p, q).let { op("add", it, it) } }
      fused(both).ops() shouldBe both.ops()
    }

    test("whole numbers, and tensors of two types, stay") {
      val whole = program {
        val k = input(TensorType.of(DataType.INT64, 3))
        listOf(op("add", k, op("mul", k, k)))
      }
      fused(whole).ops() shouldBe whole.ops()
      val mixed = program {
        val x = input(float32(3))
        val y = input(TensorType.of(DataType.FLOAT64, 3))
        listOf(op("add", y, op("mul", x, x)), op("add", y, op("mul", y, x)))
      }
      fused(mixed).ops() shouldBe mixed.ops()
    }

    test("a sum that already has a factor, or a number, stays") {
      val program = program {
        val a = input(float32(3))
        val p = input(float32(3))
        val product = op("mul", p, p)
        listOf(
          add("aten::add", a.type(), mapOf("alpha" to Argument.of(2.0)), a, product),
          op("add", op("mul", a, p), Argument.of(1.0)),
        )
      }
      fused(program).ops() shouldBe program.ops()
    }
  })
