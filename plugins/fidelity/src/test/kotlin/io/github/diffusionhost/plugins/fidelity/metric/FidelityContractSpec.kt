package io.github.diffusionhost.plugins.fidelity.metric

import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

/** What holds for every provider. */
class FidelityContractSpec :
  FunSpec({
    for (provider in
      listOf(
        FidProvider(),
        FrechetClassifierProvider(),
        KidProvider(),
        InceptionScoreProvider(),
        PrecisionRecallProvider(),
        DensityCoverageProvider(),
        PixelErrorProvider(),
        NoveltyProvider(),
      )) {
      for (check in ProviderChecks.of(provider)) test("${provider.name()}: ${check.name}") { check.run() }
    }
  })
