package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.program.Argument
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class DeadCodeSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("only what an output needs stays, in order") {
      val program = program {
        val x = input(float32Images(3))
        val used = op("sin", x)
        op("exp", op("cos", x))
        listOf(op("neg", used))
      }
      val alive = DeadCode().apply(program)
      alive.ops() shouldBe listOf("sin", "neg")
      alive.shouldCompute(program, manager)
    }

    test("constants that nothing needs go, inputs stay") {
      val program = program {
        val x = input(float32Images(2))
        input(float32(5))
        op("mul", x, constant(manager.create(floatArrayOf(1f, 2f))))
        listOf(op("add", x, constant(manager.create(floatArrayOf(3f, 4f)))))
      }
      val alive = DeadCode().apply(program)
      alive.ops() shouldBe listOf("add")
      alive.inputs().size shouldBe 2
      alive.constants().values.map { it.toFloatArray().toList() } shouldBe listOf(listOf(3f, 4f))
      alive.shouldCompute(program, manager)
    }

    test("an operation stays if one of its outputs is needed") {
      val program = program {
        val x = input(float32Images(4))
        val half = float32Images(2)
        val parts =
          add(
            "aten::split_with_sizes",
            listOf(half, half),
            mapOf(),
            x,
            Argument.of(*longArrayOf(2, 2)),
            Argument.of(1),
          )
        op("sin", parts[0])
        listOf(op("cos", parts[1]))
      }
      val alive = DeadCode().apply(program)
      alive.ops() shouldBe listOf("split_with_sizes", "cos")
      alive.shouldCompute(program, manager)
    }

    test("what writes stays, with what it is given") {
      val program = program {
        val x = input(float32(3))
        op("add_", x, op("sin", x))
        op("cos", x)
        listOf(x)
      }
      DeadCode().apply(program).ops() shouldBe listOf("sin", "add_")
    }
  })
