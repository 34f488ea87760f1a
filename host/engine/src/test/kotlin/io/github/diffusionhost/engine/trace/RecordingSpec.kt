package io.github.diffusionhost.engine.trace

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.script.ProgramModule
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs

class RecordingSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("an ordinary array as an argument becomes a constant with the values of that moment") {
      val recording = Recording(manager)
      val x = recording.input(manager.ones(Shape(2)))
      val outside = manager.create(floatArrayOf(3f, 5f))
      val program = recording.finish(listOf(x.mul(outside).add(outside)))
      program.constants().size shouldBe 1
      outside.addi(1f)
      ProgramModule(program, manager).use {
        it.call(2, listOf(manager.create(floatArrayOf(1f, 2f)))).singletonOrThrow().toFloatArray().toList() shouldBe
          listOf(6f, 15f)
      }
    }

    test("constants outlive the scope that they were made in, and belong to the manager that was given") {
      val constants = manager.newSubManager()
      val recording = Recording(constants)
      val program =
        manager.newSubManager().use {
          recording.finish(listOf(recording.input(it.ones(Shape(2))).add(it.create(7f))))
        }
      val constant = program.constants().values.single()
      constant.getFloat() shouldBe 7f
      constants.close()
      constant.isReleased shouldBe true
    }

    test("an array that is referred to twice is one input") {
      val recording = Recording(manager)
      val weight = manager.ones(Shape(2))
      val once = recording.reference(weight)
      recording.reference(weight) shouldBeSameInstanceAs once
      val program = recording.finish(listOf(once.add(recording.reference(weight))))
      program.inputs().size shouldBe 1
      program.constants().keys.shouldBeEmpty()
    }

    test("a referred array that is used as it is, is the same input") {
      val recording = Recording(manager)
      val weight = manager.ones(Shape(2))
      val once = recording.reference(weight)
      val program = recording.finish(listOf(once.add(weight)))
      program.nodes().single().arguments().shouldContainExactly(program.inputs()[0], program.inputs()[0])
    }

    test("what an array is asked about itself is answered") {
      val recording = Recording(manager)
      val x = recording.input(manager.ones(Shape(2, 3)))
      x.shape shouldBe Shape(2, 3)
      x.size() shouldBe 6
      x.device shouldBe manager.device
      x.isScalar shouldBe false
      x.toString() shouldBe "recorded float32[2, 3]"
      (x == x) shouldBe true
      (x == x.mul(1)) shouldBe false
    }

    test("numbers are written as what they are") {
      val recording = Recording(manager)
      val x = recording.input(manager.ones(Shape(2)))
      val program = recording.finish(listOf(x.mul(2).mul(3L).mul(0.5f).mul(1e-5)))
      program.nodes().map { it.arguments()[1] } shouldBe
        listOf(Argument.of(2L), Argument.of(3L), Argument.of(0.5), Argument.of(1e-5))
    }

    test("closing or attaching a recorded array does nothing") {
      val recording = Recording(manager)
      val x = recording.input(manager.ones(Shape(2)))
      val y = x.mul(2).use { it.add(1) }
      y.attach(manager)
      y.detach()
      recording.finish(listOf(y)).nodes().map { it.op() } shouldBe listOf("aten::mul", "aten::add")
    }
  })
