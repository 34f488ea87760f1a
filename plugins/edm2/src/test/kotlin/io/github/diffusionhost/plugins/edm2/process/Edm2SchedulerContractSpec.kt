package io.github.diffusionhost.plugins.edm2.process

import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class Edm2SchedulerContractSpec :
  FunSpec({
    val provider = Edm2SchedulerProvider()
    for (check in ProviderChecks.of(provider)) {
      test("default: ${check.name}") { check.run() }
    }

    val others =
      listOf(
        arrayOf("uncertainty" to "none"),
        arrayOf("uncertainty" to "plain", "pMean" to -0.4, "pStd" to 1.0),
        arrayOf("uncertainty" to "normalized", "sigmaData" to 1.0),
        arrayOf("sigmaMin" to 0.02, "sigmaMax" to 10, "rho" to 3),
      )
    for (other in others) {
      for (check in ProviderChecks.of(provider, options(*other))) {
        test("${other.toMap()}: ${check.name}") { check.run() }
      }
    }
  })
