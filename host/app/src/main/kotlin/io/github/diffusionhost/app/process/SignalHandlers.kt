package io.github.diffusionhost.app.process

import sun.misc.Signal

/** The signals that end a process, each on a thread of its own, given to [handler] by name until this is closed. */
internal class SignalHandlers(handler: (String) -> Unit) : AutoCloseable {
  private val before = ENDING.mapNotNull { name ->
    try {
      val signal = Signal(name)
      signal to Signal.handle(signal) { handler(name) }
    } catch (_: IllegalArgumentException) {
      null // this system has none of that name, or java -Xrs keeps it
    }
  }

  override fun close() = before.forEach { (signal, handler) -> Signal.handle(signal, handler) }

  private companion object {
    val ENDING = listOf("INT", "TERM", "HUP")
  }
}
