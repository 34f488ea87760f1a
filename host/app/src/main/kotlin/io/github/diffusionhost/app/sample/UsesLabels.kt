package io.github.diffusionhost.app.sample

import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.export.TorchScriptFile
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.trace.NotTraceableException

/** Whether anything that a network predicts depends on labels; if its code cannot be looked at, it may. */
internal fun usesLabels(network: Network, images: ImageSpec): Boolean =
  try {
    TorchScriptFile.usesLabels(network, images.shape)
  } catch (_: NotTraceableException) {
    true // nobody knows; labels that are used are not refused
  }
