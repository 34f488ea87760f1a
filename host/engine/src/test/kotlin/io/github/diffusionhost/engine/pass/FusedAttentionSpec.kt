package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.program.Dim
import io.github.diffusionhost.engine.program.PeakMemory
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.TensorType
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe

private const val FUSED = "_scaled_dot_product_flash_attention_for_cpu"

class FusedAttentionSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun attention(heads: Long, kvHeads: Long, keys: Long, width: Long = 8, type: DataType = DataType.FLOAT32): Program =
      program {
        val q = input(float32Images(heads, 3, 8).`as`(type))
        val k = input(float32Images(kvHeads, keys, 8).`as`(type))
        val v = input(float32Images(kvHeads, keys, width).`as`(type))
        listOf(add("host::attention", float32Images(heads, 3, width).`as`(type), q, k, v))
      }

    for ((heads, kvHeads) in listOf(4L to 4L, 4L to 2L, 3L to 1L)) {
      test("$heads heads with many keys of $kvHeads: one operation, and what is written out gives") {
        val whole = attention(heads, kvHeads, 160)
        val fused = FusedAttention().apply(whole)
        fused.ops().count { it == FUSED } shouldBe 1
        fused.outputs().single().type() shouldBe float32Images(heads, 3, 8)
        fused.shouldCompute(LowerAttention().apply(whole), manager)
      }
    }

    test("in bfloat16 what comes out is bfloat16, and the sums are float32") {
      val whole = attention(2, 2, 200, type = DataType.BFLOAT16)
      val fused = FusedAttention().apply(whole)
      val node = fused.nodes().single { it.op() == "aten::$FUSED" }
      node.outputs().map { it.type() } shouldBe
        listOf(
          TensorType(DataType.BFLOAT16, listOf(Dim.BATCH, Dim.of(2), Dim.of(3), Dim.of(8))),
          TensorType(DataType.FLOAT32, listOf(Dim.BATCH, Dim.of(2), Dim.of(3))),
        )
    }

    test("in a program of bfloat16 it gives what is written out gives, to eight bits") {
      val mixed = MixedPrecision().apply(attention(2, 1, 200))
      val fused = FusedAttention().apply(mixed)
      fused.ops().count { it == FUSED } shouldBe 1
      fused.shouldCompute(LowerAttention().apply(mixed), manager, 1e-2)
    }

    test("few keys, and values of another width, are left to what is written out") {
      FusedAttention().apply(attention(2, 2, 159)).ops() shouldBe listOf("host::attention")
      FusedAttention().apply(attention(2, 2, 160, width = 6)).ops() shouldBe listOf("host::attention")
    }

    test("it takes less memory than the weights of all pairs") {
      val whole = program {
        val (q, k, v) = List(3) { input(float32Images(4, 256, 8)) }
        listOf(add("host::attention", float32Images(4, 256, 8), q, k, v))
      }
      PeakMemory.bytes(FusedAttention().apply(whole), 8) shouldBeLessThan
        PeakMemory.bytes(LowerAttention().apply(whole), 8)
    }
  })
