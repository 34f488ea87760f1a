package io.github.diffusionhost.app.run

import io.github.diffusionhost.engine.arithmetic.GlobalContext
import io.github.diffusionhost.engine.options.TrainOptions.Matmul
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class ArithmeticSpec :
  FunSpec({
    test("float32 keeps its bits unless TF32 is asked for, and algorithms give the same bits again") {
      val context = GlobalContext()
      val before = context.tf32() to context.deterministic()
      try {
        for (matmul in listOf(Matmul.TF32, Matmul.HIGHEST)) {
          context.deterministic(false)
          useArithmetic(matmul)
          context.tf32() shouldBe (matmul == Matmul.TF32)
          context.deterministic() shouldBe true
        }
      } finally {
        context.allowTf32(before.first)
        context.deterministic(before.second)
      }
    }

    test("a libtorch without these settings is used as it is") {
      useArithmetic(Matmul.TF32) { throw UnsatisfiedLinkError("no such symbol") }
    }
  })
