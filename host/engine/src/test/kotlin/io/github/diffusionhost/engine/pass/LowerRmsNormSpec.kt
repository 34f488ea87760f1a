package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.script.ProgramModule
import io.github.diffusionhost.engine.support.shouldBeClose
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

private const val EPS = 1e-3

class LowerRmsNormSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun norm(weighted: Boolean, type: DataType = DataType.FLOAT32) = program {
      val x = input(float32Images(4, 6).`as`(type))
      val w = if (weighted) input(float32(6).`as`(type)) else Argument.Marker.NONE
      add("host::rms_norm", listOf(x.type(), float32Images(4, 1)), mapOf(), x, w, Argument.of(EPS))
    }

    for (weighted in listOf(true, false)) {
      test(if (weighted) "with a weight" else "without a weight") {
        val lowered = LowerRmsNorm().apply(norm(weighted))
        lowered.ops() shouldBe
          listOf("linalg_vector_norm", "mul", "div", "add", "rsqrt", "mul") + if (weighted) listOf("mul") else listOf()
        for (images in listOf(1, 3)) {
          val inputs = lowered.examples(manager, images)
          val x = inputs[0]
          val (y, r) = ProgramModule(lowered, manager).use { it.call(images.toLong(), inputs) }
          y.shouldBeClose(Ops.rmsNorm(x, inputs.getOrNull(1), EPS.toFloat()), 1e-6)
          r.shouldBeClose(x.mul(x).sum(intArrayOf(-1), true).div(6).add(EPS).pow(-0.5), 1e-6)
        }
      }
    }

    test("is computed in float32 and returned in the type that it is given") {
      val lowered = LowerRmsNorm().apply(norm(true, DataType.BFLOAT16))
      lowered.nodes().filter { it.op() != "aten::to" }.map { it.output().type().type() }.toSet() shouldBe
        setOf(DataType.FLOAT32)
      lowered.outputs().map { it.type().type() } shouldBe listOf(DataType.BFLOAT16, DataType.FLOAT32)
    }
  })
