package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Dim
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.program.Value
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

private val AROUND = listOf("reshape", "permute", "reshape", "convolution", "permute", "reshape")

class OneDnnProductsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun rewritten(program: Program) = OneDnnProducts().apply(program).also { it.shouldCompute(program, manager) }
    fun ProgramBuilder.transposed(x: Value) =
      add("aten::transpose", x.type().shaped(x.type().shape().reversed()), x, Argument.of(0), Argument.of(1))

    test("a linear layer is a convolution of the rows") {
      val program = program {
        val x = input(float32Images(9, 128))
        listOf(add("aten::linear", float32Images(9, 160), x, input(float32(160, 128)), input(float32(160))))
      }
      rewritten(program).ops() shouldBe AROUND
    }

    test("one on tokens, without bias") {
      val program = program {
        val x = input(float32Images(3, 4, 128))
        val w = input(float32(128, 128))
        listOf(add("aten::linear", float32Images(3, 4, 128), x, w, Argument.Marker.NONE))
      }
      rewritten(program).ops() shouldBe AROUND
    }

    test("a product of matrices is one with the right side turned") {
      val program = program {
        val x = input(TensorType(DataType.FLOAT32, listOf(Dim(8, 0), Dim.of(128))))
        val out = TensorType(DataType.FLOAT32, listOf(Dim(8, 0), Dim.of(144)))
        listOf(add("aten::mm", out, x, input(float32(128, 144))))
      }
      rewritten(program).ops() shouldBe listOf("transpose", "contiguous") + AROUND
    }

    test("a few rows an image are left alone") {
      val program = program {
        val x = input(float32Images(7, 128))
        val y = input(float32Images(128))
        listOf(
          add("aten::linear", float32Images(7, 160), x, input(float32(160, 128))),
          add("aten::mm", float32Images(144), y, input(float32(128, 144))),
        )
      }
      rewritten(program).ops() shouldBe program.ops()
    }

    test("small weights are left alone") {
      val program = program {
        val x = input(float32Images(127))
        val w = input(float32(128, 127))
        listOf(
          add("aten::linear", float32Images(128), x, w),
          add("aten::mm", float32Images(128), x, input(float32(127, 128))),
        )
      }
      rewritten(program).ops() shouldBe program.ops()
    }

    test("gradients by weight, whose left side is transposed, are left alone") {
      val program = program {
        val g = input(float32Images(128))
        val x = input(float32(128, 128))
        val y = input(float32(128, 128))
        listOf(add("aten::mm", float32(128, 128), transposed(y), x), op("sin", g))
      }
      rewritten(program).ops() shouldBe program.ops()
    }

    test("a right side whose size depends on the batch is left alone") {
      val program = program {
        val x = input(float32Images(128))
        val y = input(float32Images(128))
        listOf(add("aten::mm", float32(128, 128), transposed(x), y))
      }
      rewritten(program).ops() shouldBe program.ops()
    }

    test("only float32 is rewritten") {
      val program = program {
        fun double(vararg shape: Long) = TensorType.of(DataType.FLOAT64, *shape)
        val x = input(double(3, 128))
        listOf(
          add("aten::linear", double(3, 128), x, input(double(128, 128))),
          add("aten::mm", double(3, 128), x, input(double(128, 128))),
        )
      }
      rewritten(program).ops() shouldBe program.ops()
    }
  })
