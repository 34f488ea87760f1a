package io.github.diffusionhost.app.terminal

import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.pattern.CompositeConverter
import io.github.diffusionhost.api.text.Printable

/** `%printable(…)` of the log's pattern. */
class PrintableConverter : CompositeConverter<ILoggingEvent>() {
  override fun transform(event: ILoggingEvent, message: String): String = Printable.message(message)
}
