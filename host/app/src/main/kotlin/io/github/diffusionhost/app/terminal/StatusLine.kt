package io.github.diffusionhost.app.terminal

import io.github.diffusionhost.api.text.Printable
import java.io.PrintStream

/** The last line of a terminal, written over again and again, and ordinary lines above it. */
class StatusLine(private val out: PrintStream, val terminal: Boolean) {
  private var open = false
  private var shown = 0L

  /** Shows [text] on a terminal, at most five times a second; elsewhere nothing. */
  fun show(text: () -> String) {
    if (!terminal || System.nanoTime() - shown < REFRESH) return
    out.print("\r${text()}\u001b[K")
    out.flush()
    open = true
    shown = System.nanoTime()
  }

  /** Prints a line that stays. */
  fun line(text: String) {
    val printable = Printable.message(text)
    out.println(if (open) "\r$printable\u001b[K" else printable)
    open = false
  }

  /** Wipes what [show] has left. */
  fun clear() {
    if (open) out.print("\r\u001b[K")
    out.flush()
    open = false
  }

  companion object {
    private const val REFRESH = 200_000_000L

    /** Whether a person looks at a terminal that can write over a line. */
    fun onTerminal(): Boolean = System.console() != null && System.getenv("TERM") != "dumb"
  }
}
