package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.rendering.Widget
import com.github.ajalt.mordant.terminal.StandardTerminalInterface
import com.github.ajalt.mordant.terminal.Terminal
import com.github.ajalt.mordant.terminal.TerminalRecorder

/** Wider than any line: nothing is cut or wrapped. */
private const val WIDE = 1_000_000

/** A widget's characters without colours, as a file or a pipe takes them. */
internal fun plainText(widget: Widget): String =
  Terminal(ansiLevel = AnsiLevel.NONE, width = WIDE, terminalInterface = TerminalRecorder(AnsiLevel.NONE))
    .render(widget)

/**
 * Where help and messages go when nobody looks at a terminal. To find a window's width Mordant loads native code, which
 * takes as long as all else that `--help` does.
 */
internal fun terminalWithoutWindow(): Terminal =
  Terminal(
    terminalInterface =
      object : StandardTerminalInterface() {
        override fun stdoutInteractive() = false

        override fun stdinInteractive() = false
      }
  )
