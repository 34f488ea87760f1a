package io.github.diffusionhost.plugins.mnist

import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir

class MnistContractSpec :
  FunSpec({
    extension(KeepWarnings)

    val provider = MnistProvider()
    val options = MnistOptions(5, null, null, 0.5f, 0.3081f)
    val checks =
      ProviderChecks.of(provider) +
        ProviderChecks.of(provider, options, PlayedFolder(tempdir().toPath().writeTraining()))
    for (check in checks) test(check.name) { check.run() }
  })
