package io.github.diffusionhost.plugins.mnist

import ch.qos.logback.classic.Logger
import io.kotest.core.listeners.BeforeSpecListener
import io.kotest.core.spec.Spec
import org.slf4j.LoggerFactory

/** Keeps warnings about made-up files off the console; an appender of the package's own logger still gets them. */
internal object KeepWarnings : BeforeSpecListener {
  override suspend fun beforeSpec(spec: Spec) {
    (LoggerFactory.getLogger("io.github.diffusionhost.plugins.mnist") as Logger).isAdditive = false
  }
}
