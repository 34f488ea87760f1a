package io.github.diffusionhost.plugins.cifar

import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir

class CifarContractSpec :
  FunSpec({
    extension(KeepWarnings)

    val provider = CifarProvider()
    val ten = ProviderChecks.of(provider, options("flip" to true), PlayedFolder(tempdir().toPath().tree(sample10)))
    val hundred =
      ProviderChecks.of(
        provider,
        options("variant" to "cifar100", "labels" to "coarse"),
        PlayedFolder(tempdir().toPath().tree(sample100, "cifar-100-binary")),
      )
    for (check in ProviderChecks.of(provider)) test(check.name) { check.run() }
    for (check in ten) test("cifar10: ${check.name}") { check.run() }
    for (check in hundred) test("cifar100: ${check.name}") { check.run() }
  })
