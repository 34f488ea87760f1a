package io.github.diffusionhost.plugins.dit

import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

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
  })
