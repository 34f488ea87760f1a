package io.github.diffusionhost.engine.pass

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Dim
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.github.diffusionhost.engine.program.Value
import io.github.diffusionhost.engine.support.layerExamples
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContainAnyOf
import io.kotest.matchers.shouldBe

class ConstantFoldingSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun ProgramBuilder.constant(vararg values: Float) = constant(manager.create(values))
    fun folded(program: Program) = ConstantFolding(manager).apply(program)
    fun Program.constant() = constants().values.single().toFloatArray().toList()

    fun ProgramBuilder.filled(type: TensorType): Value =
      add(
        "aten::full",
        type,
        mapOf(
          "dtype" to Argument.Type(type.type()),
          "layout" to Argument.Marker.NONE,
          "device" to Argument.Marker.DEVICE,
          "pin_memory" to Argument.Marker.NONE,
        ),
        Argument.Sizes(type.shape()),
        Argument.of(2.0),
      )

    test("a chain on constants becomes one constant") {
      val program = program {
        val x = input(float32Images(3))
        listOf(op("mul", x, op("add", op("mul", constant(1f, 2f, 3f), constant(2f, 2f, 2f)), Argument.of(1.0))))
      }
      val folded = folded(program)
      folded.ops() shouldBe listOf("mul")
      folded.constant() shouldBe listOf(3f, 5f, 7f)
      folded.shouldCompute(program, manager)
    }

    test("an operation without inputs is one on constants") {
      val program = program { listOf(op("add", input(float32Images(3)), filled(float32(3)))) }
      val folded = folded(program)
      folded.ops() shouldBe listOf("add")
      folded.constant() shouldBe listOf(2f, 2f, 2f)
      folded.shouldCompute(program, manager)
    }

    test("of several outputs those that are used become constants") {
      val program = program {
        val x = input(float32Images(2))
        val parts =
          add(
            "aten::split_with_sizes",
            listOf(float32(1), float32(2), float32(1)),
            mapOf(),
            constant(1f, 2f, 3f, 4f),
            Argument.of(*longArrayOf(1, 2, 1)),
            Argument.of(0),
          )
        listOf(op("mul", op("add", x, parts[1]), parts[2]))
      }
      val folded = folded(program)
      folded.ops() shouldBe listOf("add", "mul")
      folded.constants().values.map { it.toFloatArray().toList() } shouldBe listOf(listOf(2f, 3f), listOf(4f))
      folded.shouldCompute(program, manager)
    }

    test("shapes and numbers that depend on the batch stay") {
      val program = program {
        val x = input(float32Images(2))
        val c = constant(1f, 2f)
        val rows = add("aten::expand", x.type(), c, Argument.Sizes(x.type().shape()))
        val scaled = op("mul", c, Argument.Size(Dim.BATCH))
        listOf(op("add", op("add", op("mul", x, rows), scaled), filled(x.type())))
      }
      val folded = folded(program)
      folded.ops() shouldBe program.ops()
      folded.shouldCompute(program, manager)
    }

    test("what inputs go into stays, and so does what writes") {
      val program = program {
        val w = input(float32(2))
        val c = constant(1f, 2f)
        add("aten::zero_", c.type(), c)
        listOf(op("sin", w))
      }
      folded(program).ops() shouldBe listOf("zero_", "sin")
    }

    test("an output can be folded, and be a view of a constant") {
      val program = program {
        val c = constant(1f, 2f)
        listOf(add("aten::reshape", float32(2, 1), c, Argument.of(*longArrayOf(2, 1))), c, input(float32(2)))
      }
      val folded = folded(program)
      folded.nodes().shouldBeEmpty()
      folded.shouldCompute(program, manager)
    }

    test("a cast to bfloat16 and back rounds") {
      val program = program {
        val k = constant(manager.create(longArrayOf(257, 2)))
        val narrow = add("aten::to", TensorType.of(DataType.BFLOAT16, 2), k, Argument.Type(DataType.BFLOAT16))
        val x = input(float32(2))
        listOf(op("add", x, add("aten::to", float32(2), narrow, Argument.Type(DataType.FLOAT32))))
      }
      folded(program).let {
        it.ops() shouldBe listOf("add")
        it.constant() shouldBe listOf(256f, 2f)
        it.shouldCompute(program, manager)
      }
    }

    test("results outlive a scope around the compilation and end with the constants") {
      val constants = manager.newSubManager()
      val program = program {
        listOf(op("add", input(float32(2)), op("sin", constant(constants.create(floatArrayOf(1f, 2f))))))
      }
      val result = NDScope().use { ConstantFolding(constants).apply(program).constants().values.single() }
      result.isReleased shouldBe false
      constants.close()
      result.isReleased shouldBe true
    }

    test("the angles of rotations are made once") {
      val rotation = layerExamples.single { it.name == "rotation by a part of the table" }.program(manager)
      val passes = Passes.of(Precision.FP32, manager)
      val program = passes.afterGradients(passes.beforeGradients(rotation))
      program.ops() shouldNotContainAnyOf listOf("slice", "complex")
      program.constants().values.map { it.dataType } shouldContainExactly listOf(DataType.COMPLEX64)
    }
  })
