package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.rendering.Widget
import com.github.ajalt.mordant.terminal.StandardTerminalInterface
import com.github.ajalt.mordant.terminal.Terminal
import com.github.ajalt.mordant.terminal.TerminalInfo
import com.github.ajalt.mordant.terminal.TerminalRecorder

/** Wider than any line: nothing is cut or wrapped. */
private const val WIDE = 1_000_000

private val NOBODY =
  TerminalInfo(
    ansiLevel = AnsiLevel.NONE,
    ansiHyperLinks = false,
    outputInteractive = false,
    inputInteractive = false,
    supportsAnsiCursor = false,
  )

/** A widget's characters without colours, as a file or a pipe takes them. */
internal fun plainText(widget: Widget): String =
  Terminal(ansiLevel = AnsiLevel.NONE, width = WIDE, terminalInterface = TerminalRecorder(AnsiLevel.NONE))
    .render(widget)

/**
 * Where help and messages go when nobody looks at a terminal. To find a window's width Mordant loads native code, which
 * takes as long as all else that `--help` does, and to find out what kind of terminal it is the JVM's management, a
 * tenth of it; both are left out unless colours are asked for.
 */
internal fun terminalWithoutWindow(): Terminal =
  Terminal(
    terminalInterface =
      object : StandardTerminalInterface() {
        override fun stdoutInteractive() = false

        override fun stdinInteractive() = false

        override fun info(
          ansiLevel: AnsiLevel?,
          hyperlinks: Boolean?,
          outputInteractive: Boolean?,
          inputInteractive: Boolean?,
        ): TerminalInfo =
          if (System.getenv("FORCE_COLOR") == null) NOBODY
          else super.info(ansiLevel, hyperlinks, outputInteractive, inputInteractive)
      }
  )
