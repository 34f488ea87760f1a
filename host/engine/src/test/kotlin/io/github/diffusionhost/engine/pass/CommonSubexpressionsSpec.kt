package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.program.Argument
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs

class CommonSubexpressionsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("the same operation on the same tensors is done once, and so is what follows") {
      val program = program {
        val x = input(float32Images(3))
        val left = op("exp", op("sin", x))
        val right = op("exp", op("sin", x))
        listOf(op("mul", left, right))
      }
      val shared = CommonSubexpressions().apply(program)
      shared.ops() shouldBe listOf("sin", "exp", "mul")
      shared.shouldCompute(program, manager)
    }

    test("equal outputs become one tensor") {
      val program = program {
        val x = input(float32Images(3))
        listOf(op("sin", x), op("sin", x))
      }
      val shared = CommonSubexpressions().apply(program)
      shared.outputs()[1] shouldBeSameInstanceAs shared.outputs()[0]
      shared.shouldCompute(program, manager)
    }

    test("other tensors, numbers, kinds of numbers, orders and names make another operation") {
      val program = program {
        val x = input(float32Images(3))
        val y = input(float32Images(3))
        listOf(
          op("sub", x, y),
          op("sub", y, x),
          op("mul", x, Argument.of(2.0)),
          op("mul", x, Argument.of(2)),
          op("mul", x, Argument.of(3.0)),
          add("aten::add", x.type(), mapOf("alpha" to Argument.of(2.0)), x, y),
          op("add", x, y),
        )
      }
      val shared = CommonSubexpressions().apply(program)
      shared.ops() shouldBe program.ops()
      shared.shouldCompute(program, manager)
    }

    test("operations with several outputs share them all") {
      val program = program {
        val x = input(float32Images(4))
        fun parts() =
          add(
            "aten::split_with_sizes",
            listOf(float32Images(1), float32Images(3)),
            mapOf(),
            x,
            Argument.of(*longArrayOf(1, 3)),
            Argument.of(1),
          )
        listOf(op("sin", parts()[1]), op("cos", parts()[0]), op("sin", parts()[1]))
      }
      val shared = CommonSubexpressions().apply(program)
      shared.ops() shouldBe listOf("split_with_sizes", "sin", "cos")
      shared.shouldCompute(program, manager)
    }

    test("what writes is done as often as it is asked for") {
      val program = program {
        val x = input(float32(3))
        op("add_", x, Argument.of(1.0))
        op("add_", x, Argument.of(1.0))
        listOf(x)
      }
      CommonSubexpressions().apply(program).ops() shouldBe listOf("add_", "add_")
    }
  })
