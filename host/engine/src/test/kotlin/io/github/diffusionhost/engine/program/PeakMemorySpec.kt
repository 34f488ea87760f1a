package io.github.diffusionhost.engine.program

import ai.djl.ndarray.types.DataType
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

private val IMAGES = TensorType(DataType.FLOAT32, listOf(Dim.BATCH, Dim.of(10)))
private const val EACH = 40L

class PeakMemorySpec :
  FunSpec({
    test("a tensor lives from its operation to its last reader") {
      val b = ProgramBuilder()
      val x = b.input(IMAGES)
      var h = x
      // A chain: never more than what is read and what is made.
      repeat(5) { h = b.add("aten::neg", IMAGES, h) }
      PeakMemory.bytes(b.build(listOf(h)), 3) shouldBe 2 * 3 * EACH
    }

    test("what is read at the end lives until then") {
      val b = ProgramBuilder()
      val first = b.add("aten::neg", IMAGES, b.input(IMAGES))
      var h = first
      repeat(3) { h = b.add("aten::neg", IMAGES, h) }
      PeakMemory.bytes(b.build(listOf(b.add("aten::add", IMAGES, h, first))), 1) shouldBe 3 * EACH
    }

    test("views take nothing and keep their tensor alive; results that nobody reads are not counted") {
      val b = ProgramBuilder()
      val x = b.input(IMAGES)
      val made = b.add("aten::neg", IMAGES, x)
      val view = b.add("aten::reshape", IMAGES, made, Argument.of(-1, 10))
      b.add("aten::exp", IMAGES, x)
      val other = b.add("aten::cos", IMAGES, x)
      PeakMemory.bytes(b.build(listOf(b.add("aten::add", IMAGES, other, view))), 2) shouldBe 3 * 2 * EACH
    }
  })
