package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec

class MlflowContractSpec :
  FunSpec({ for (check in ProviderChecks.of(MlflowProvider())) test(check.name) { check.run() } })
