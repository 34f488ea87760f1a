package io.github.diffusionhost.plugins.ddpm

import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class DdpmContractSpec :
  FunSpec({
    val provider = DdpmProvider()
    for (check in ProviderChecks.of(provider)) {
      test("default: ${check.name}") { check.run() }
    }

    val others =
      listOf(
        arrayOf("prediction" to "v", "zeroTerminalSnr" to true, "times" to "per-batch", "weighting" to "min-snr"),
        arrayOf("timesteps" to 50, "prediction" to "sample", "schedule" to "cosine", "weighting" to "min-snr"),
        arrayOf("timesteps" to 250, "schedule" to "scaled-linear", "variance" to "fixed-large", "clipSample" to false),
        arrayOf("timesteps" to 8, "schedule" to "given", "betas" to List(8) { 0.05 * (it + 1) }),
      )
    for (other in others) {
      for (check in ProviderChecks.of(provider, options(*other))) {
        test("${other.toMap()}: ${check.name}") { check.run() }
      }
    }
  })
