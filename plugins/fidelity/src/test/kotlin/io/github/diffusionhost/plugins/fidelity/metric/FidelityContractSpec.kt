package io.github.diffusionhost.plugins.fidelity.metric

import io.github.diffusionhost.plugins.fidelity.metric.feature.DensityCoverageProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.FidProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.FrechetClassifierProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.InceptionScoreProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.KidProvider
import io.github.diffusionhost.plugins.fidelity.metric.feature.PrecisionRecallProvider
import io.github.diffusionhost.plugins.fidelity.metric.novelty.NoveltyProvider
import io.github.diffusionhost.plugins.fidelity.metric.pixel.PixelErrorProvider
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
