package io.github.diffusionhost.plugins.linearprobe

import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class LinearProbeContractSpec :
  FunSpec({ for (check in ProviderChecks.of(LinearProbeProvider())) test(check.name) { check.run() } })
