package io.github.diffusionhost.engine.gradient

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.program.Value
import io.github.diffusionhost.engine.support.N
import io.github.diffusionhost.engine.support.floats
import io.github.diffusionhost.engine.support.ints
import io.github.diffusionhost.engine.support.operatorExamples
import io.github.diffusionhost.engine.trace.NotTraceableException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class GradientRefusalsSpec :
  FunSpec({
    val refused = operatorExamples {
      plain("matMul of a vector has no gradient", floats(N, 3), floats(3)) { (x, v) -> x.matMul(v) }
      plain("a norm other than the Euclidean one", floats(N, 3)) { (x) -> x.norm(1, intArrayOf(1), false) }
      plain("the angles of a rotation", floats(N, 3, 4), floats(3, 4)) { (x, angles) ->
        Ops.rotate(x, angles.cos(), angles.sin())
      }
      plain("a power that depends on the batch", floats(N, 3)) { (x) -> x.pow(x.shape[0]) }
    }
    for (example in refused) {
      test("${example.name} is refused") {
        NDManager.newBaseManager().use { manager ->
          shouldThrow<NotTraceableException> { DifferentiatedExample(example, manager) }.message!! shouldContain
            example.name
        }
      }
    }

    fun unknown(): Triple<ProgramBuilder, Value, TensorType> {
      val builder = ProgramBuilder()
      val type = TensorType.of(DataType.FLOAT32, 3)
      return Triple(builder, builder.input(type), type)
    }

    test("an operator without a rule is named") {
      val (builder, x, type) = unknown()
      val seed = builder.input(type)
      val y = builder.add("aten::unknown", type, x)
      shouldThrow<NotTraceableException> { Gradients.of(builder.build(listOf(y)), y, seed, listOf(x)) }.message shouldBe
        "aten::unknown has no gradient here"
    }

    test("an operator without a rule is let be where no gradient is asked for") {
      val (builder, x, type) = unknown()
      val seed = builder.input(type)
      val w = builder.input(type)
      val y = builder.add("aten::mul", type, w, builder.add("aten::unknown", type, x))
      Gradients.of(builder.build(listOf(y)), y, seed, listOf(w)).of().keys shouldBe setOf(w)
    }

    test("what the output does not depend on has no gradient") {
      val (builder, x, type) = unknown()
      val seed = builder.input(type)
      val w = builder.input(type)
      builder.add("aten::sin", type, w)
      val y = builder.add("aten::cos", type, builder.add("aten::floor", type, x))
      val gradients = Gradients.of(builder.build(listOf(y)), y, seed, listOf(x, w))
      gradients.of().shouldBeEmpty()
    }

    test("whole numbers have no gradient") {
      val examples = operatorExamples {
        plain("ints", floats(N, 3), ints(N, 3)) { (x, k) -> x.mul(k) }
      }
      NDManager.newBaseManager().use { manager ->
        DifferentiatedExample(examples.single(), manager).use {
          val inputs = examples.single().arrays(manager, 2)
          it.gradients(2, inputs, it.seed(2)).map { gradient -> gradient != null } shouldBe listOf(true, false)
        }
      }
    }
  })
