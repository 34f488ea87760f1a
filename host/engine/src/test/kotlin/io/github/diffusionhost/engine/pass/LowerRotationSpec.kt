package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.api.ops.RotaryTable
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class LowerRotationSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }
    val table = RotaryTable(Array(3) { doubleArrayOf(it + 0.5) }, 8, 100.0)

    fun rotation(type: DataType) = program {
      val x = input(float32Images(2, 3, 8).`as`(type))
      listOf(add("host::rotate", x.type(), x, input(float32(3, 8)), input(float32(3, 8))))
    }

    test("is a product of complex numbers") {
      val lowered = LowerRotation().apply(rotation(DataType.FLOAT32))
      lowered.ops() shouldBe
        listOf("slice", "slice", "complex") +
          listOf("reshape", "contiguous", "view_as_complex", "mul", "view_as_real", "reshape")
      for (images in listOf(1, 3)) {
        val x = lowered.examples(manager, images)[0]
        val (cos, sin) = table.cos(manager) to table.signedSin(manager)
        ProgramModule(lowered, manager).use {
          it.call(images.toLong(), listOf(x, cos, sin)).singletonOrThrow().shouldBeClose(Ops.rotate(x, cos, sin), 1e-6)
        }
      }
    }

    test("is computed in float32 and returned in the type that it is given") {
      val lowered = LowerRotation().apply(rotation(DataType.BFLOAT16))
      lowered.ops().count { it == "to" } shouldBe 2
      lowered.nodes().first { it.op() == "aten::mul" }.output().type().type() shouldBe DataType.COMPLEX64
      lowered.outputs().single().type() shouldBe float32Images(2, 3, 8).`as`(DataType.BFLOAT16)
    }
  })
