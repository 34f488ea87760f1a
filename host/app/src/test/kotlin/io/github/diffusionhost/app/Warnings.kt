package io.github.diffusionhost.app

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import org.slf4j.LoggerFactory

/** What a class warns of meanwhile. */
fun warningsOf(type: Class<*>, block: () -> Unit): List<String> = warningsOf(type.name, block)

/** What a logger warns of meanwhile. */
fun warningsOf(name: String, block: () -> Unit): List<String> {
  val logger = LoggerFactory.getLogger(name) as Logger
  val appender = ListAppender<ILoggingEvent>().apply { start() }
  logger.addAppender(appender)
  try {
    block()
  } finally {
    logger.detachAppender(appender)
  }
  return appender.list.filter { it.level.isGreaterOrEqual(Level.WARN) }.map { it.formattedMessage }
}
