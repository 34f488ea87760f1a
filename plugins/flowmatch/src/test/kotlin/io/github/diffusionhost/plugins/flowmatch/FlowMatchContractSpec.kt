package io.github.diffusionhost.plugins.flowmatch

import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class FlowMatchContractSpec :
  FunSpec({
    val provider = FlowMatchProvider()
    for (check in ProviderChecks.of(provider)) {
      test("default: ${check.name}") { check.run() }
    }

    val others =
      listOf(
        mapOf("time" to "as-published", "shift" to "none", "offsetNoise" to 0.1),
        mapOf("times" to "uniform", "shift" to "fixed", "weighting" to "sigma-sqrt"),
        mapOf("times" to "mode", "immiscible" to true, "weighting" to "cosmap"),
      )
    for (other in others) {
      for (check in ProviderChecks.of(provider, OptionsSpec.of(provider.defaults()).create(other))) {
        test("$other: ${check.name}") { check.run() }
      }
    }
  })
