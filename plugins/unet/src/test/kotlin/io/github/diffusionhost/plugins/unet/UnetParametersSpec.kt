package io.github.diffusionhost.plugins.unet

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.sqrt

private val cifar = ImageShape(3, 32, 32)

class UnetParametersSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun network(options: UnetOptions, image: ImageShape = cifar, classes: Int = 0) =
      UnetProvider().create(options, ModelContext(image, classes, false, SeededNoise(manager, 0))).also {
        it.initialize(manager, DataType.FLOAT32)
      }

    test("names, shapes and their order are those of diffusers' network for CIFAR-10") {
      val manifest = Golden.packed.json("unet/cifar10_params")
      optionsOf(manifest.getAsJsonObject("config")) shouldBe UnetOptions.CIFAR10
      val expected =
        manifest
          .getAsJsonArray("params")
          .map { it.asJsonObject }
          .map { it["name"].asString to Shape(*it.getAsJsonArray("shape").map { size -> size.asLong }.toLongArray()) }
      val parameters = ParameterNames.of(network(UnetProvider().defaults()))
      parameters.map { (name, parameter) -> name to parameter.shape } shouldBe expected
      parameters.values.sumOf { it.shape.size() } shouldBe manifest["total"].asLong
    }

    test("weights and biases start uniform within 1/sqrt(fan in), norms at 1 and 0") {
      val parameters = ParameterNames.of(network(UnetOptions.MNIST, ImageShape(1, 28, 28)))
      val fanIn =
        parameters.filterKeys { it.endsWith("weight") }.mapValues { it.value.shape.size() / it.value.shape[0] }
      for ((name, parameter) in parameters) {
        val values = parameter.array.toFloatArray()
        if ("norm" in name) {
          values.all { it == (if (name.endsWith("weight")) 1f else 0f) } shouldBe true
        } else {
          val bound = 1 / sqrt(fanIn.getValue(name.substringBeforeLast('.') + ".weight").toDouble())
          values.all { it >= -bound && it <= bound } shouldBe true
          if (values.size > 10_000)
            sqrt(values.sumOf { it.toDouble() * it } / values.size) shouldBe (bound / sqrt(3.0) plusOrMinus bound / 50)
        }
      }
    }

    test("a label table has a row for each label") {
      val options = OptionsSpec.of(UnetOptions.TINY).create(mapOf("classConditional" to true))
      ParameterNames.of(network(options, cifar, 10)).getValue("class_embedding.weight").shape shouldBe Shape(10, 64)
      ParameterNames.of(network(options)).keys.none { it.startsWith("class_embedding") } shouldBe true
    }

    test("a norm of the input is one batch norm after the first convolution, of its 64 channels in recipe R2") {
      val options =
        OptionsSpec.of(UnetOptions.TINY)
          .create(mapOf("channels" to listOf(64, 128), "normGroups" to 32, "inputNorm" to "batch"))
      val parameters = ParameterNames.of(network(options, cifar))
      val statistics = parameters.filterKeys { it.endsWith("running_mean") }
      statistics.keys shouldBe setOf("norm_in.running_mean")
      statistics.values.single().shape shouldBe Shape(64)
      parameters.getValue("conv_in.weight").shape shouldBe Shape(64, 3, 3, 3)
    }

    test("options that do not fit are refused with what would") {
      infix fun Pair<String, Any>.saying(words: String) =
        shouldThrow<IllegalArgumentException> { OptionsSpec.of(UnetOptions.TINY).create(mapOf(this)) }
          .message shouldContain words
      ("normGroups" to 7) saying "does not divide the 16 channels"
      ("channels" to listOf<Int>()) saying "channels is empty"
      ("attention" to listOf(3)) saying "levels go from 0 to 2"
      ("headSize" to 5) saying "headSize 5 does not divide the 32 channels"
      shouldThrow<IllegalArgumentException> { network(UnetOptions.CIFAR10, ImageShape(1, 28, 28)) }
        .message shouldContain "28x28 pixels are no multiple of 8"
    }
  })
