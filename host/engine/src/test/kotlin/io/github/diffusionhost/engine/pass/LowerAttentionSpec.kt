package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class LowerAttentionSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun attention(heads: Long, kvHeads: Long, type: DataType = DataType.FLOAT32): Program = program {
      val q = input(float32Images(heads, 3, 8).`as`(type))
      val k = input(float32Images(kvHeads, 5, 8).`as`(type))
      val v = input(float32Images(kvHeads, 5, 6).`as`(type))
      listOf(add("host::attention", float32Images(heads, 3, 6).`as`(type), q, k, v))
    }

    for ((heads, kvHeads) in listOf(4L to 4L, 4L to 2L, 3L to 1L)) {
      test("$heads heads with keys of $kvHeads") {
        val lowered = LowerAttention().apply(attention(heads, kvHeads))
        val products = listOf("mul", "transpose", "matmul", "softmax", "matmul")
        val grouping = listOf("reshape", "permute", "reshape")
        lowered.ops() shouldBe
          if (heads == kvHeads) products else products.take(2) + grouping + products.drop(2) + grouping
        lowered.outputs().single().type() shouldBe float32Images(heads, 3, 6)
        for (images in listOf(1, 3)) {
          val (q, k, v) = lowered.examples(manager, images)
          ProgramModule(lowered, manager).use {
            it
              .call(images.toLong(), listOf(q, k, v))
              .singletonOrThrow()
              .shouldBeClose(Ops.scaledDotProductAttention(q, k, v), 1e-6)
          }
        }
      }
    }

    test("in bfloat16 only the softmax is float32") {
      val lowered = LowerAttention().apply(attention(2, 2, DataType.BFLOAT16))
      lowered.nodes().associate { it.op().removePrefix("aten::") to it.output().type().type() } shouldBe
        mapOf(
          "mul" to DataType.BFLOAT16,
          "transpose" to DataType.BFLOAT16,
          "matmul" to DataType.BFLOAT16,
          "to" to DataType.BFLOAT16,
          "softmax" to DataType.FLOAT32,
        )
      lowered.nodes().first { it.op() == "aten::softmax" }.input(0).type().type() shouldBe DataType.FLOAT32
    }

    test("other operations stay") {
      val program = program { listOf(op("sin", input(TensorType.of(DataType.FLOAT32, 2)))) }
      LowerAttention().apply(program).ops() shouldBe listOf("sin")
    }
  })
