package io.github.diffusionhost.testkit

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain

class NoiseSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("recorded draws come in order, as copies") {
      val first = manager.create(floatArrayOf(1f, 2f))
      val noise = RecordedNoise(first, manager.create(floatArrayOf(3f)))
      noise.remaining() shouldBe 2
      noise.normal(Shape(2)).addi(5)
      first shouldBe manager.create(floatArrayOf(1f, 2f))
      noise.uniform(Shape(1)) shouldBe manager.create(floatArrayOf(3f))
      noise.remaining() shouldBe 0
    }

    test("a draw of another shape than recorded is an error") {
      val noise = RecordedNoise(manager.zeros(Shape(1)), manager.zeros(Shape(2, 3)))
      noise.normal(Shape(1))
      shouldThrow<AssertionError> { noise.normal(Shape(3, 2)) }.message shouldContain
        "draw 2 is of shape (3, 2), the recorded one of (2, 3)"
    }

    test("a draw more than recorded is an error") {
      shouldThrow<AssertionError> { RecordedNoise().normal(Shape(4)) }.message shouldContain "only 0 are recorded"
    }

    test("the seeded draws of an image do not depend on how many there are") {
      val many = SeededNoise(manager, 5)
      val one = SeededNoise(manager, 5)
      repeat(3) { many.normal(Shape(4, 2, 3)).get("0:1") shouldBe one.normal(Shape(1, 2, 3)) }
      many.uniform(Shape(4)) shouldNotBe many.uniform(Shape(4))
    }

    test("seeded draws are normal and uniform") {
      val noise = SeededNoise(manager, 1)
      val normal = noise.normal(Shape(1, 100_000)).toFloatArray()
      normal.average() shouldBe (0.0 plusOrMinus 0.02)
      normal.map { it * it }.average() shouldBe (1.0 plusOrMinus 0.02)
      val uniform = noise.uniform(Shape(1, 100_000)).toFloatArray()
      uniform.average() shouldBe (0.5 plusOrMinus 0.01)
      uniform.all { it >= 0 && it < 1 } shouldBe true
    }
  })
