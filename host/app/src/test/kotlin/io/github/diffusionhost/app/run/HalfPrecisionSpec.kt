package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.app.warningsOf
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class HalfPrecisionSpec :
  FunSpec({
    fun warnings(precision: Precision, compile: Boolean, bfloat16: Double) =
      warningsOf("io.github.diffusionhost.app.run.HalfPrecision") {
        NDManager.newBaseManager("PyTorch").use { manager ->
          warnOfImitatedPrecision(tinyOptions(steps = 1, precision = precision, compile = compile), manager) {
            if (it == DataType.BFLOAT16) bfloat16 else 1e11
          }
        }
      }

    test("where bfloat16 is only imitated, a warning says how slow it is and what to set") {
      warnings(Precision.BF16, compile = true, bfloat16 = 8e7) shouldBe
        listOf(
          "train.precision bf16: this CPU has no arithmetic for bfloat16: products of matrices take 1,250 times as " +
            "long as in float32. Use --set train.precision=fp32"
        )
    }

    test("nothing is said of a device that has it, and where nothing computes in it") {
      warnings(Precision.BF16, compile = true, bfloat16 = 0.5e11) shouldBe listOf()
      warnings(Precision.FP32, compile = true, bfloat16 = 8e7) shouldBe listOf()
      warnings(Precision.BF16, compile = false, bfloat16 = 8e7) shouldBe listOf()
    }
  })
