package io.github.diffusionhost.app.cli.command

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.core.requireObject
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement

/**
 * A command of `host`: a summary, an example, and the parts of the process.
 *
 * To add one, extend this, ask for parts with `services.get<…>()` inside `run` (never before: help must stay fast), and
 * name it in its parent's `subcommands`, or as a [CommandRow] in `HostCommand`.
 */
internal abstract class HostSubcommand(private val words: CommandWords) : CliktCommand(words.name) {
  constructor(name: String, summary: String, vararg examples: String) : this(CommandWords(name, summary, *examples))

  protected val services by requireObject<Services>()

  /** Ends the command as wrongly used: exit code 2, with the usage line of this command. */
  protected fun wrongUsage(message: String): Nothing = throw UsageError(message).also { it.context = currentContext }

  protected val streams
    get() = services.environment.streams

  /** A line on standard output. It hides Kotlin's function of this name, which writes to wherever a plugin says. */
  protected fun println(line: String) = streams.out.println(line)

  /** Text on standard output; hides Kotlin's function, too. */
  protected fun print(text: String) {
    streams.out.print(text)
    streams.out.flush()
  }

  /** JSON on standard output. */
  protected fun printJson(value: JsonElement) = println(PRETTY.encodeToString(JsonElement.serializer(), value))

  override fun help(context: Context) = words.summary

  override fun helpEpilog(context: Context) = example(*words.examples)
}

private val PRETTY = Json { prettyPrint = true }

/** Command lines for the end of a help text, each on a line of its own. */
internal fun example(vararg lines: String) =
  (if (lines.size == 1) "Example:" else "Examples:") + lines.joinToString("") { "$NEXT_LINE$NO_BREAK$NO_BREAK$it" }

// What Clikt keeps of a text's layout: NEL and no-break spaces.
private const val NEXT_LINE = '\u0085'
private const val NO_BREAK = '\u00a0'
