package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.requireObject

/**
 * A command of `host`: a summary, an example, and the parts of the process.
 *
 * To add one, extend this, ask for parts with `services.get<…>()` inside `run` (never before: help must stay fast), and
 * name it in its parent's `subcommands`.
 */
internal abstract class HostSubcommand(name: String, private val summary: String, private vararg val examples: String) :
  CliktCommand(name) {
  protected val services by requireObject<Services>()

  override fun help(context: Context) = summary

  override fun helpEpilog(context: Context) = example(*examples)
}

/** Command lines for the end of a help text. */
internal fun example(vararg lines: String) =
  (if (lines.size == 1) "Example:" else "Examples:") + "\n\n```\n" + lines.joinToString("\n") { "  $it" } + "\n```"
