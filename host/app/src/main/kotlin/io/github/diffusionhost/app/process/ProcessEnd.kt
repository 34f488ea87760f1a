package io.github.diffusionhost.app.process

import com.sun.jna.Function
import com.sun.jna.NativeLibrary
import io.github.diffusionhost.app.words.ExitCode
import org.slf4j.LoggerFactory
import sun.misc.Signal
import sun.misc.SignalHandler

/**
 * How the process ends while its work goes on. `Runtime.exit` and `Runtime.halt` both call C's `exit`, which takes
 * libtorch's data apart under the threads that compute with it: a crash, and its log in the working directory. So this
 * calls `_exit`, which ends all threads at once and runs nothing.
 *
 * Work that is done ends by returning from `main`.
 */
object ProcessEnd {
  /** How long output is waited for whose reader has stopped reading. */
  private const val FLUSH_MILLIS = 500L

  /** Null where the C library cannot be reached: on Windows, or where the JNA library cannot be unpacked. */
  private val endAtOnce: Function? by lazy {
    try {
      if (System.getProperty("os.name").startsWith("Windows")) null
      else NativeLibrary.getInstance("c").getFunction("_exit")
    } catch (e: LinkageError) {
      null.also { LoggerFactory.getLogger(ProcessEnd::class.java).debug("no _exit", e) }
    }
  }

  /** Does now what takes a moment, so that [now] does not. */
  fun prepare() {
    endAtOnce
  }

  /** Ends the process; what was printed is written, and nothing else is done. Never returns. */
  fun now(exitCode: ExitCode = ExitCode.INTERRUPTED): Nothing {
    flush()
    endAtOnce?.invokeVoid(arrayOf(exitCode.number))
    if (exitCode == ExitCode.INTERRUPTED) dieOfInterrupt()
    Runtime.getRuntime().halt(exitCode.number)
    error("the process has ended")
  }

  /** Has Ctrl-C, SIGTERM and a closed terminal end the process this way, wherever a command does not see to them. */
  fun onSignals() {
    SignalHandlers { now() }
  }

  /** Which shells call 130, too. The first process of a container cannot. */
  private fun dieOfInterrupt() {
    try {
      Signal.handle(Signal("INT"), SignalHandler.SIG_DFL)
      Signal.raise(Signal("INT"))
    } catch (_: IllegalArgumentException) {
      // java -Xrs
    }
  }

  private fun flush() {
    val flushing = Thread {
      System.out.flush()
      System.err.flush()
    }
    flushing.isDaemon = true
    flushing.start()
    flushing.join(FLUSH_MILLIS)
  }
}
