package io.github.diffusionhost.plugins.dit

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
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.sqrt

private val mnist = ImageShape(1, 28, 28)

class DitParametersSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun options(vararg set: Pair<String, Any>) = OptionsSpec.of(DitProvider().defaults()).create(mapOf(*set))

    fun network(options: DitOptions, image: ImageShape = mnist, classes: Int = 12, unlabelled: Boolean = false) =
      DitProvider().create(options, ModelContext(image, classes, unlabelled, SeededNoise(manager, 0))).also {
        it.initialize(manager, DataType.FLOAT32)
      }

    test("names, shapes and their order are those of the published network") {
      val manifest = Golden.packed.json("dit/mnist_params")
      val expected =
        manifest
          .getAsJsonArray("params")
          .map { it.asJsonObject }
          .map { parameter ->
            parameter["name"].asString to Shape(*parameter.getAsJsonArray("shape").map { it.asLong }.toLongArray())
          }
      val network = network(DitProvider().defaults())
      val parameters = ParameterNames.of(network)
      parameters.map { (name, parameter) -> name to parameter.shape } shouldBe expected
      parameters.values.sumOf { it.shape.size() } shouldBe manifest["total"].asLong
      network.referenceConstants() shouldBe
        manifest.getAsJsonArray("buffers_in_state_dict").map { it.asJsonObject["name"].asString }.toSet()
    }

    test("linear weights start as N(0, initStd), biases at 0, norms at 1") {
      for (std in listOf(0.002, 0.02)) {
        val parameters = ParameterNames.of(network(options("initStd" to std)))
        for ((name, parameter) in parameters) {
          val values = parameter.array.toFloatArray()
          when {
            "norm" in name && "ada" !in name -> values.all { it == 1f } shouldBe true
            name.endsWith("bias") -> values.all { it == 0f } shouldBe true
            values.size > 10_000 ->
              sqrt(values.sumOf { it.toDouble() * it } / values.size) shouldBe (std plusOrMinus std / 20)
          }
        }
      }
    }

    test("a class table has a row for each label, and one for no label") {
      val table = "class_embed.weight"
      fun rows(classes: Int, unlabelled: Boolean) =
        ParameterNames.of(network(options("classEmbedding" to "table"), mnist, classes, unlabelled))
          .getValue("transformer_model.$table")
          .shape
      rows(10, false) shouldBe Shape(10, 256)
      rows(10, true) shouldBe Shape(11, 256)
      rows(0, false) shouldBe Shape(1, 256)
    }

    test("the preset small is a third of the size") {
      val small = network(DitProvider().presets().getValue("small"))
      ParameterNames.of(small).values.sumOf { it.shape.size() } shouldBe 2_280_336L
    }

    test("options that do not fit are refused with what would") {
      infix fun Pair<String, Any>.saying(words: String) =
        shouldThrow<IllegalArgumentException> { options(this) }.message shouldContain words
      ("width" to 128) saying "width 128 is not heads 4 x headSize 64: set width to 256"
      ("kvHeads" to 3) saying "heads 4 is not a multiple of kvHeads 3: set kvHeads to 1, 4"
      ("headSize" to 6) saying "headSize 6 is not a multiple of 4"
      ("timeSize" to 255) saying "timeSize 255 is odd"
      ("classSize" to 31) saying "classSize 31 is odd"
      shouldThrow<IllegalArgumentException> { network(options("patch" to 3)) }.message shouldContain
        "patch 3 does not divide the images' 28x28 pixels"
    }

    test("the recommended training is recipe R3's") {
      DitProvider().recommendedTraining().entries.map { "${it.key}=${it.value}" } shouldContain "optimizer.lr=2e-4"
    }
  })
