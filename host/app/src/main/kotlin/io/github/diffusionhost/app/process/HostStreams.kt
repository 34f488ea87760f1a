package io.github.diffusionhost.app.process

import ch.qos.logback.classic.Logger
import ch.qos.logback.core.ConsoleAppender
import java.io.FilterOutputStream
import java.io.OutputStream
import java.io.PrintStream
import org.slf4j.LoggerFactory

/** Standard output and error for the host's own words: plugins can neither write to the first nor close the second. */
class HostStreams(val out: PrintStream, val err: PrintStream) {
  private var logs = emptyList<ConsoleAppender<*>>()

  /**
   * Runs [block], in which whatever is written to `System.out` goes to standard error, and what code puts in the place
   * of `System.out` and `System.err` counts no longer than that.
   */
  fun <T> keeping(block: () -> T): T {
    val before = System.out to System.err
    System.setOut(PrintStream(Unclosed(err), true))
    System.setErr(PrintStream(Unclosed(err), true))
    try {
      return block()
    } finally {
      System.setOut(before.first)
      System.setErr(before.second)
      logs.forEach(ConsoleAppender<*>::start) // back to System.err
      logs = emptyList()
    }
  }

  /** From now on, until [keeping] ends, the log goes to [err], and not to what `System.err` is at the time. */
  fun keepLog() {
    val root = LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) as? Logger ?: return
    logs = root.iteratorForAppenders().asSequence().filterIsInstance<ConsoleAppender<*>>().toList()
    logs.forEach { it.outputStream = Unclosed(err) }
  }

  /** A stream that closing does not close. */
  private class Unclosed(out: OutputStream) : FilterOutputStream(out) {
    override fun write(bytes: ByteArray, offset: Int, count: Int) = out.write(bytes, offset, count)

    override fun close() = flush()
  }

  companion object {
    /** Those of the process as they are now. */
    fun ofProcess() = HostStreams(System.out, System.err)
  }
}
