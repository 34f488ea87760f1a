package io.github.diffusionhost.plugins.edm2.network

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** Names, order, shapes and number of the parameters: those of the reference. */
class Edm2ParametersSpec :
  FunSpec({
    for ((letter, provider) in providers) {
      test("the CIFAR-10 network of $letter has the reference's parameters") {
        val manifest =
          Golden.packed
            .json("edm2/unet_$letter/cifar10_params")
            .getAsJsonArray("params")
            .map { it.asJsonObject }
            .filter {
              it["name"].asString.startsWith("nn_model.")
            }
        val network = provider.create(Edm2Options.CIFAR10, context(ImageShape(3, 32, 32)))
        val found =
          ParameterNames.of(network).map { (name, parameter) ->
            Triple("nn_model.$name", parameter.shape.shape.toList(), parameter.requiresGradient())
          }
        found shouldBe
          manifest.map {
            Triple(
              it["name"].asString,
              it.getAsJsonArray("shape").map { size -> size.asLong },
              it["trainable"].asBoolean,
            )
          }
        val total = ParameterNames.of(network).values.filter { it.requiresGradient() }.sumOf { it.shape.size() }
        total shouldBe if (letter == "g") 39_542_685L else 39_509_888L
      }
    }

    test("the Tiny-ImageNet network has 62.4 million parameters") {
      val network = Edm2EProvider().create(Edm2Options.TINY_IMAGENET, context(ImageShape(3, 64, 64)))
      val total = ParameterNames.of(network).values.filter { it.requiresGradient() }.sumOf { it.shape.size() }
      (total / 100_000) shouldBe 624L
    }

    test("labels add one layer, where they are asked for") {
      fun names(options: Edm2Options, classes: Int) =
        ParameterNames.of(
            Edm2GProvider().create(options, ModelContext(ImageShape(3, 32, 32), classes, false, RecordedNoise()))
          )
          .mapValues { it.value.shape.shape.toList() }
      val labelled = Edm2Options(listOf(32, 64), listOf(1), 2, 0, 0.0, true)
      (names(labelled, 10) - names(labelled, 0).keys) shouldBe mapOf("embedding.label.weight" to listOf(128L, 10L))
    }

    val wrong =
      mapOf(
        "channels 48 is no multiple of 32" to { Edm2Options(listOf(48), listOf(), 2, 0, 0.0, false) },
        "channels is empty" to { Edm2Options(listOf(), listOf(), 2, 0, 0.0, false) },
        "headSize 24 does not divide the 32 channels" to { Edm2Options(listOf(32), listOf(), 2, 24, 0.0, false) },
        "attention level 2: levels go from 0 to 1" to { Edm2Options(listOf(32, 64), listOf(2), 2, 0, 0.0, false) },
      )
    for ((message, make) in wrong) {
      test("refused: $message") { shouldThrow<IllegalArgumentException> { make() }.message!! shouldContain message }
    }

    test("images whose size the levels do not divide are refused") {
      shouldThrow<IllegalArgumentException> {
          Edm2CProvider().create(Edm2Options.CIFAR10, context(ImageShape(1, 28, 28)))
        }
        .message!! shouldContain "28x28 pixels are no multiple of 8"
    }
  })

internal val providers = mapOf("c" to Edm2CProvider(), "e" to Edm2EProvider(), "g" to Edm2GProvider())

private fun context(shape: ImageShape) = ModelContext(shape, 0, false, RecordedNoise())
