package io.github.diffusionhost.engine.script

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.program.Argument
import io.github.diffusionhost.engine.program.Dim
import io.github.diffusionhost.engine.program.ProgramBuilder
import io.github.diffusionhost.engine.program.TensorType
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayOutputStream

class ScriptModuleSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }
    val scalar = TensorType.of(DataType.FLOAT64)

    fun filled(value: Argument, type: TensorType = scalar): Double {
      val builder = ProgramBuilder()
      val named =
        mapOf(
          "dtype" to Argument.Type(type.type()),
          "layout" to Argument.Marker.NONE,
          "device" to Argument.Marker.DEVICE,
          "pin_memory" to Argument.Marker.NONE,
        )
      val result = builder.add("aten::full", type, named, Argument.Sizes(type.shape()), value)
      return ProgramModule(builder.build(listOf(result)), manager).use {
        it.call(1, listOf()).singletonOrThrow().getDouble()
      }
    }

    for (number in
      listOf(
        0.0,
        1.0,
        -2.5,
        1e-5,
        -1e-20,
        1e10,
        123456789.123456789,
        1.0 / 3,
        Double.MAX_VALUE,
        Double.MIN_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN,
      )) {
      test("the number $number arrives bit for bit") {
        filled(Argument.of(number)).toRawBits() shouldBe number.toRawBits()
      }
    }

    for ((dim, size) in
      listOf(
        Dim(1, 0) to 4L,
        Dim(2, -1) to 7L,
        Dim(3, 5) to 17L,
        Dim(-1, 6) to 2L,
        Dim(-2, 9) to 1L,
        Dim.of(-3) to -3L,
        Dim.of(5_000_000_000) to 5_000_000_000,
      )) {
      test("the size $dim of 4 images is $size") {
        val builder = ProgramBuilder()
        val x = builder.input(scalar)
        val product = builder.add("aten::mul", scalar, x, Argument.Size(dim))
        ProgramModule(builder.build(listOf(product)), manager).use {
          it.call(4, listOf(manager.create(1.0))).singletonOrThrow().getDouble() shouldBe size.toDouble()
        }
      }
    }

    test("lists of sizes, empty ones and ones that depend on the batch") {
      val builder = ProgramBuilder()
      val x = builder.input(TensorType(DataType.FLOAT32, listOf(Dim.BATCH, Dim.of(2))))
      val first =
        builder.add("aten::slice", x.type().with(0, Dim.of(1)), x, Argument.of(0), Argument.of(0), Argument.of(1))
      val flat = TensorType(DataType.FLOAT32, listOf(Dim(2, 0)))
      val row = builder.add("aten::reshape", flat, x, Argument.Sizes(flat.shape()))
      val one = builder.add("aten::slice", flat, row, Argument.of(0), Argument.of(-1), Argument.Size(Dim(2, 0)))
      val point = builder.add("aten::reshape", TensorType.of(DataType.FLOAT32), one, Argument.Sizes(listOf()))
      ProgramModule(builder.build(listOf(first, row, point)), manager).use {
        it.call(3, listOf(manager.arange(6f).reshape(3, 2))).map { array -> array.shape } shouldBe
          listOf(Shape(1, 2), Shape(6), Shape())
      }
    }

    test("flags and what is not given") {
      val builder = ProgramBuilder()
      val x = builder.input(TensorType.of(DataType.FLOAT32, 2))
      val sum =
        builder.add(
          "aten::sum",
          TensorType.of(DataType.FLOAT64, 1),
          mapOf("dtype" to Argument.Type(DataType.FLOAT64)),
          x,
          Argument.of(*longArrayOf(0)),
          Argument.of(true),
        )
      val softmax = builder.add("aten::softmax", x.type(), x, Argument.of(0), Argument.Marker.NONE)
      ProgramModule(builder.build(listOf(sum, softmax)), manager).use {
        val (total, shares) = it.call(1, listOf(manager.create(floatArrayOf(1f, 1f))))
        total.toDoubleArray().toList() shouldBe listOf(2.0)
        shares.toFloatArray().toList() shouldBe listOf(0.5f, 0.5f)
      }
    }

    fun module(body: String): ScriptModule {
      val text = ModuleText()
      text.list("bound")
      text.list("others")
      text.method("call", "x: Tensor, more: List[Tensor]", "List[Tensor]", body)
      return ScriptModule(text.toString(), text.lists(), manager)
    }
    fun ScriptModule.first(x: NDArray, more: List<NDArray> = listOf()) =
      call("call", x, more)[0].toFloatArray().toList()

    test("lists are bound by reference: changes of an array in place are seen by the next call") {
      module("    return [torch.add(x, (self.bound)[1])]\n").use { module ->
        val array = manager.create(floatArrayOf(10f, 20f))
        module.bind("bound", listOf(manager.create(0f), array))
        val x = manager.create(floatArrayOf(1f, 2f))
        module.first(x) shouldBe listOf(11f, 22f)
        array.addi(1)
        module.first(x) shouldBe listOf(12f, 23f)
        module.bind("bound", listOf(array, x))
        module.first(x) shouldBe listOf(2f, 4f)
      }
    }

    test("a method can change what is bound") {
      module("    torch.add_((self.bound)[0], x)\n    return [x]\n").use { module ->
        val array = manager.create(floatArrayOf(10f, 20f))
        module.bind("bound", listOf(array))
        module.first(manager.create(floatArrayOf(1f, 2f)))
        array.toFloatArray().toList() shouldBe listOf(11f, 22f)
      }
    }

    test("lists that nothing is bound to, or an empty list, are empty") {
      module("    return self.others\n").use { module ->
        module.call("call", manager.create(1f), listOf<NDArray>()).shouldBeEmpty()
        module.bind("others", listOf())
        module.call("call", manager.create(1f), listOf<NDArray>()).shouldBeEmpty()
      }
    }

    test("lists as arguments") {
      module("    return [torch.add(x, more[1])]\n").use { module ->
        module.first(manager.create(floatArrayOf(1f)), listOf(manager.create(0f), manager.create(5f))) shouldBe
          listOf(6f)
      }
    }

    test("results belong to the manager's scope") {
      val scope = manager.newSubManager()
      val text = ModuleText()
      text.method("call", "x: Tensor", "List[Tensor]", "    return [torch.neg(x)]\n")
      val result = ScriptModule(text.toString(), text.lists(), scope).use { it.call("call", manager.create(3f))[0] }
      result.getFloat() shouldBe -3f
      scope.close()
      result.isReleased shouldBe true
    }

    test("an error inside a script says what went wrong and where") {
      module("    v0 = torch.matmul(x, more[0])\n    return [v0]\n").use { module ->
        val failure = shouldThrowAny { module.first(manager.ones(Shape(2, 3)), listOf(manager.ones(Shape(2, 3)))) }
        failure.message!! shouldContain "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"
        failure.message!! shouldContain "v0 = torch.matmul(x, more[0])"
      }
    }

    test("code that cannot be read says so") {
      shouldThrowAny { module("    return [torch.no_such_operator(x)]\n") }.message!! shouldContain "no_such_operator"
    }

    test("arguments that are no tensors are refused") {
      module("    return [x]\n").use { module ->
        shouldThrow<IllegalArgumentException> { module.call("call", 3, listOf<NDArray>()) }.message!! shouldContain
          "not 3"
      }
    }

    test("a saved module is the same bytes twice, and an archive of stored entries") {
      module("    return [x]\n").use { module ->
        val files = List(2) { ByteArrayOutputStream().also(module::save).toByteArray() }
        files[0].toList() shouldBe files[1].toList()
        files[0].take(2).map { it.toInt().toChar() } shouldBe listOf('P', 'K')
      }
    }
  })
