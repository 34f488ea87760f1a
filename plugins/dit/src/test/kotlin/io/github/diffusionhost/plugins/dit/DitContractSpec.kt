package io.github.diffusionhost.plugins.dit

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.testkit.ProviderChecks
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

@Tags("Slow")
class DitContractSpec :
  FunSpec({
    val provider = DitProvider()
    val small = provider.presets().getValue("small")

    for (check in ProviderChecks.of(provider)) {
      test("as published: ${check.name}") { check.run() }
    }
    for (check in ProviderChecks.of(provider, small)) {
      test("preset small: ${check.name}") { check.run() }
    }

    val other =
      mapOf(
        "positions" to "as-published",
        "timeEmbedding" to "diffusers",
        "classEmbedding" to "table",
        "kvHeads" to 2,
        "layers" to 5,
      )
    for (check in ProviderChecks.of(provider, OptionsSpec.of(small).create(other))) {
      test("every other choice: ${check.name}") { check.run() }
    }

    for (classEmbedding in listOf("sinusoidal", "table")) {
      val options = mapOf("classConditional" to false, "classEmbedding" to classEmbedding)
      val unconditional = OptionsSpec.of(small).create(options)
      for (check in ProviderChecks.of(provider, unconditional)) {
        test("without labels, $classEmbedding: ${check.name}") { check.run() }
      }
      test("labels make no difference without them, $classEmbedding") {
        NDManager.newBaseManager().use { manager ->
          val predictions =
            listOf(false, true).map { conditional ->
              val chosen = OptionsSpec.of(unconditional).create(mapOf("classConditional" to conditional))
              val context = ModelContext(ImageShape(1, 8, 8), 3, false, SeededNoise(manager, 1))
              val denoiser = provider.create(chosen, context)
              denoiser.initialize(manager, DataType.FLOAT32, Shape(3, 1, 8, 8), Shape(3))
              val x = SeededNoise(manager, 2).normal(Shape(3, 1, 8, 8))
              val pass = Forward.of(ParameterStore(manager, false), false, SeededNoise(manager, 3))
              val times = manager.create(floatArrayOf(1f, 1f, 1f))
              fun predict(vararg labels: Long) = denoiser.predict(pass, x, times, manager.create(labels)).toFloatArray()
              predict(0, 1, 2).contentEquals(predict(2, 0, 1))
            }
          predictions shouldBe listOf(true, false)
        }
      }
    }
  })
