package io.github.diffusionhost.engine.program

import io.github.diffusionhost.engine.pass.float32
import io.github.diffusionhost.engine.pass.float32Images
import io.github.diffusionhost.engine.pass.op
import io.github.diffusionhost.engine.pass.ops
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly

class StagesSpec :
  FunSpec({
    test("what needs known tensors alone is done first, in order; the rest takes what it uses of that") {
      val builder = ProgramBuilder()
      val w = builder.input(float32(3))
      val x = builder.input(float32Images(3))
      val sine = builder.op("sin", w)
      val square = builder.op("mul", sine, sine)
      val product = builder.op("mul", x, square)
      val late = builder.op("exp", product)
      val unused = builder.op("cos", sine)
      val program = builder.build(listOf(late, sine))
      val stages = Stages.of(program, listOf(w))
      program.with(stages.first()).ops() shouldContainExactly listOf("sin", "mul", "cos")
      program.with(stages.rest()).ops() shouldContainExactly listOf("mul", "exp")
      stages.handedOver(program.outputs()) shouldContainExactly listOf(sine, square)
      stages.handedOver(listOf(unused)) shouldContainExactly listOf(square, unused)
    }

    test("tensors made from nothing, and those with a row for each image, are never early") {
      val builder = ProgramBuilder()
      val w = builder.input(float32(1, 3))
      val rows = Argument.Sizes(listOf(Dim.BATCH, Dim.of(3)))
      builder.add("aten::expand", float32Images(3), w, rows)
      builder.add("aten::zeros", float32(3), Argument.factory(float32(3).type()), Argument.of(*longArrayOf(3)))
      val program = builder.build(listOf())
      Stages.of(program, listOf(w)).first() shouldContainExactly listOf()
    }
  })
