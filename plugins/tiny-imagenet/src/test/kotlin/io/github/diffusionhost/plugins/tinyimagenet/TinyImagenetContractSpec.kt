package io.github.diffusionhost.plugins.tinyimagenet

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir

class TinyImagenetContractSpec :
  FunSpec({
    extension(KeepWarnings)

    val provider = TinyImagenetProvider()
    val data = tempdir().toPath().tree(set)
    for (check in ProviderChecks.of(provider)) test(check.name) { check.run() }
    for (check in ProviderChecks.of(provider, options("flip" to true), PlayedFolder(data))) {
      test("training: ${check.name}") { check.run() }
    }
    for (check in ProviderChecks.of(provider, options("labels" to false), PlayedFolder(data, Split.TEST))) {
      test("test: ${check.name}") { check.run() }
    }
  })
