package io.github.diffusionhost.app.process

import java.util.concurrent.atomic.AtomicLong

/**
 * Ctrl-C and SIGTERM as a request to stop after the step at hand; a second one ends the process at once. So does a
 * terminal that is closed, however often that is told.
 *
 * @param announce prints a line
 * @param promise what happens now, and what a second signal does
 * @param endAtOnce ends the process
 */
class StopSignal(
  private val announce: (String) -> Unit,
  private val promise: String = "saving a checkpoint after this step; once more to stop without",
  private val endAtOnce: () -> Unit = { ProcessEnd.now() },
) : AutoCloseable {
  private val first = AtomicLong(NEVER)
  private val taken = SignalHandlers(::stop)

  init {
    ProcessEnd.prepare()
  }

  /** Whether somebody asked to stop. */
  fun requested(): Boolean = first.get() != NEVER

  override fun close() = taken.close()

  private fun stop(name: String) {
    val now = System.nanoTime().let { if (it == NEVER) it + 1 else it }
    if (first.compareAndSet(NEVER, now)) announce("SIG$name: $promise")
    else if (name != "HUP" && now - first.get() > ONE_REQUEST_NANOS) endAtOnce()
  }

  private companion object {
    const val NEVER = Long.MIN_VALUE
    /** `timeout` sends its signal to the process and to its group, which is one request. */
    const val ONE_REQUEST_NANOS = 30_000_000L
  }
}
