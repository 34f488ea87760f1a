package io.github.diffusionhost.plugins.unet

import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class UnetContractSpec :
  FunSpec({
    val provider = UnetProvider()
    val tiny = OptionsSpec.of(UnetOptions.TINY)

    for (check in ProviderChecks.of(provider, UnetOptions.TINY)) {
      test("preset tiny: ${check.name}") { check.run() }
    }

    val other =
      mapOf(
        "channels" to listOf(8, 16),
        "attention" to listOf(0, 1),
        "layersPerBlock" to 2,
        "headSize" to 0,
        "midAttention" to false,
        "normGroups" to 4,
        "inputNorm" to "batch",
        "firstNorm" to "batch",
        "dropout" to 0.1,
        "downsample" to "max-pool",
        "flipSinToCos" to false,
        "freqShift" to 1.0,
        "classConditional" to true,
      )
    for (check in ProviderChecks.of(provider, tiny.create(other))) {
      test("every other choice: ${check.name}") { check.run() }
    }
  })
