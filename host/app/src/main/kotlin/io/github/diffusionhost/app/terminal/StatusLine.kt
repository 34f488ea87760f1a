package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.animation.textAnimation
import com.github.ajalt.mordant.rendering.Whitespace
import com.github.ajalt.mordant.terminal.PrintRequest
import com.github.ajalt.mordant.terminal.Terminal
import com.github.ajalt.mordant.terminal.TerminalInterface
import io.github.diffusionhost.api.text.Printable
import java.io.PrintStream

/**
 * The last line of a terminal, written over again and again and cut where the window ends, and ordinary lines above it.
 *
 * @param screen what a person looks at; null: a file, a pipe or a log, where only ordinary lines are written
 */
class StatusLine(private val out: PrintStream, screen: TerminalInterface?) {
  private val window = screen?.let { Terminal(interactive = true, terminalInterface = Written(out, it)) }
  private val written = window?.textAnimation<String>(whitespace = Whitespace.PRE) { it }
  private var open = false
  private var shown = 0L

  /** Whether [show] shows anything. */
  val terminal: Boolean
    get() = window != null

  /** Shows [text] on a terminal, at most five times a second; elsewhere nothing. */
  fun show(text: () -> String) {
    if (window == null || written == null || System.nanoTime() - shown < REFRESH) return
    written.update(cut(Printable.message(text()), window.updateSize().width))
    open = true
    shown = System.nanoTime()
  }

  /** Prints a line that stays. */
  fun line(text: String) {
    clear()
    out.println(Printable.message(text))
  }

  /** Wipes what [show] has left. */
  fun clear() {
    if (open) written?.clear()
    open = false
  }

  /** A terminal that does not know its size says 0. */
  private fun cut(text: String, width: Int) =
    if (width < 1 || text.length <= width) text else text.take(width - 1) + "…"

  /** Writes to the host's own stream, which plugins cannot redirect. */
  private class Written(private val out: PrintStream, screen: TerminalInterface) : TerminalInterface by screen {
    override fun completePrintRequest(request: PrintRequest) {
      if (request.trailingLinebreak) out.println(request.text) else out.print(request.text)
      out.flush()
    }
  }

  companion object {
    private const val REFRESH = 200_000_000L

    /** On the terminal that a person looks at, if there is one that can write over a line. */
    fun on(out: PrintStream): StatusLine {
      val seen = System.console() != null && System.getenv("TERM") != "dumb"
      return StatusLine(out, if (seen) Terminal().terminalInterface else null)
    }
  }
}
