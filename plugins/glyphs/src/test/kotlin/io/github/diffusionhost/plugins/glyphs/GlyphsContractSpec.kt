package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class GlyphsContractSpec :
  FunSpec({
    val provider = GlyphsProvider()
    val checks =
      ProviderChecks.of(provider) + ProviderChecks.of(provider, GlyphsOptions(300, 28), NoFiles(7, Split.TEST))
    for (check in checks) test(check.name) { check.run() }
  })
