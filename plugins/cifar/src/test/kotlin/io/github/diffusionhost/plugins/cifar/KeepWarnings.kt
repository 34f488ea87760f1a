package io.github.diffusionhost.plugins.cifar

import ch.qos.logback.classic.Logger
import io.kotest.core.listeners.BeforeSpecListener
import io.kotest.core.spec.Spec
import org.slf4j.LoggerFactory

/** Keeps warnings about samples off the console; an appender of the package's own logger still gets them. */
internal object KeepWarnings : BeforeSpecListener {
  override suspend fun beforeSpec(spec: Spec) {
    (LoggerFactory.getLogger("io.github.diffusionhost.plugins.cifar") as Logger).isAdditive = false
  }
}
