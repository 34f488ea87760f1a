package io.github.diffusionhost.plugins.edm2.process

import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain

/** What holds for every noise process. */
class Edm2SchedulerContractSpec :
  FunSpec({
    val provider = Edm2SchedulerProvider()
    for (form in listOf("none", "plain", "normalized", "magnitude-preserving")) {
      val options = OptionsSpec.of(Edm2SchedulerOptions.DEFAULTS).create(mapOf("uncertainty" to form))
      for (check in ProviderChecks.of(provider, options)) {
        test("u(sigma) $form: ${check.name}") { check.run() }
      }
    }

    for (check in
      ProviderChecks.of(provider, options("sigmaMin" to 0.02, "sigmaMax" to 10, "rho" to 3, "sigmaData" to 1))) {
      test("another grid: ${check.name}") { check.run() }
    }

    test("a grid that does not fall is refused") {
      shouldThrow<IllegalArgumentException> {
          OptionsSpec.of(Edm2SchedulerOptions.DEFAULTS).create(mapOf("sigmaMin" to 90.0))
        }
        .message!! shouldContain "sigmaMin 90.0 is not below sigmaMax 80.0"
    }
  })
