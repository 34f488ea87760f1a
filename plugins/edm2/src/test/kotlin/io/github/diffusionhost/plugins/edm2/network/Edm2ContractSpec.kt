package io.github.diffusionhost.plugins.edm2.network

import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec

/** What holds for every network. */
@Tags("Slow")
class Edm2ContractSpec :
  FunSpec({
    val small = Edm2Options(listOf(32, 64), listOf(1), 2, 0, 0.1, true)
    for ((letter, provider) in providers) {
      for (check in ProviderChecks.of(provider, small)) {
        test("edm2-$letter: ${check.name}") { check.run() }
      }
    }
  })
