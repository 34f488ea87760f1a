package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.testkit.ProviderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir

class ImageFolderContractSpec :
  FunSpec({
    val provider = ImageFolderProvider()
    val files = (0 until 40).associate { "${"ab"[it % 2]}/$it.png" to png(9, 5, 2, List(135) { p -> (p * it) % 256 }) }
    val options = options(tempdir().toPath().tree(files), "size" to 6, "flip" to true)
    val checks =
      ProviderChecks.of(provider) + ProviderChecks.of(provider, options, PlayedFolder(tempdir().toPath(), Split.TRAIN))
    for (check in checks) test(check.name) { check.run() }
  })
