package io.github.diffusionhost.app.run

import java.util.concurrent.atomic.AtomicBoolean
import sun.misc.Signal

/**
 * Ctrl-C and SIGTERM as a request to stop after the step at hand; a second one ends the process at once.
 *
 * @param announce prints a line
 * @param promise what happens now, and what a second signal does
 * @param exitCode what the process ends with if it is interrupted
 */
class StopSignal(
  private val announce: (String) -> Unit,
  private val promise: String = "saving a checkpoint after this step; once more to stop without",
  private val exitCode: Int = 130,
) : AutoCloseable {
  private val requested = AtomicBoolean()
  private val before = listOf("INT", "TERM").associateWith { Signal.handle(Signal(it), ::stop) }

  /** Whether somebody asked to stop. */
  fun requested(): Boolean = requested.get()

  override fun close() {
    before.forEach { (name, handler) -> Signal.handle(Signal(name), handler) }
  }

  private fun stop(signal: Signal) {
    if (requested.getAndSet(true)) {
      Runtime.getRuntime().halt(exitCode)
    }
    announce("SIG${signal.name}: $promise")
  }
}
