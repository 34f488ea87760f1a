package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.doubles
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** The program, which then adds 1 to its outputs in place. */
private fun incremented(program: Program) =
  ProgramBuilder(program).run {
    program.outputs().forEach { op("add_", it, Argument.of(1.0)) }
    build(program.outputs())
  }

class OwnedOutputsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("inputs, constants, views and repeated outputs are copied, results are not") {
      val program = program {
        val x = input(float32(4))
        val c = constant(manager.create(floatArrayOf(1f, 2f, 3f, 4f)))
        val view = add("aten::reshape", float32(2, 2), x, Argument.of(*longArrayOf(2, 2)))
        val sum = op("add", x, c)
        listOf(x, sum, sum, view, c, x)
      }
      val owned = OwnedOutputs(1).apply(program)
      owned.ops() shouldBe listOf("reshape", "add", "clone", "clone", "clone", "clone")
      owned.outputs().take(2) shouldBe program.outputs().take(2)
      owned.shouldCompute(program, manager)
    }

    test("changing an owned output changes nothing else") {
      val program = program {
        val x = input(float32(3))
        listOf(add("aten::expand", float32(3), x, Argument.of(*longArrayOf(3))), x, op("sin", x))
      }
      val x = manager.create(floatArrayOf(1f, 2f, 3f))
      ProgramModule(incremented(OwnedOutputs(0).apply(program)), manager).use { compiled ->
        val outputs = compiled.call(1, listOf(x)).map { it.doubles() }
        x.doubles() shouldBe listOf(1.0, 2.0, 3.0)
        outputs shouldBe listOf(listOf(2.0, 3.0, 4.0), listOf(2.0, 3.0, 4.0), x.sin().add(1).doubles())
      }
    }

    test("outputs before the first that is meant stay views") {
      val program = program {
        val x = input(float32(4))
        val view = add("aten::reshape", float32(2, 2), x, Argument.of(*longArrayOf(2, 2)))
        listOf(view, view)
      }
      OwnedOutputs(1).apply(program).ops() shouldBe listOf("reshape", "clone")
      OwnedOutputs(2).apply(program).ops() shouldBe listOf("reshape")
    }

    test("a copy is contiguous even if its original is spread out") {
      val program = program {
        val x = input(float32(1, 3))
        listOf(add("aten::expand", float32(4, 3), x, Argument.of(*longArrayOf(4, 3))))
      }
      ProgramModule(incremented(OwnedOutputs(0).apply(program)), manager).use { compiled ->
        val rows = compiled.call(1, listOf(manager.create(arrayOf(floatArrayOf(1f, 2f, 3f))))).singletonOrThrow()
        rows.doubles() shouldBe List(4) { listOf(2.0, 3.0, 4.0) }.flatten()
      }
    }
  })
