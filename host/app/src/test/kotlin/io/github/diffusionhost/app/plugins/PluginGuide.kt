package io.github.diffusionhost.app.plugins

import java.nio.file.Path
import kotlin.io.path.readText

/** `docs/guides/PLUGINS.md`, so that tests hold it to its word. */
object PluginGuide {
  private val text = Path.of(System.getProperty("repository.root")).resolve("docs/guides/PLUGINS.md").readText()

  /** The code blocks of a language, in order. */
  fun blocks(language: String): List<String> =
    Regex("```$language\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text).map { it.groupValues[1] }.toList()

  private val explained: List<Regex> =
    text
      .substringAfter("| the host says |")
      .lines()
      .filter { it.startsWith("| ") }
      .map { row -> row.split("|")[1].trim().split("…").joinToString(".+", transform = Regex::escape) }
      .map(::Regex)

  /** Whether a row of the table of refusals matches. */
  fun explains(reason: String) = explained.any { it.matches(reason) }
}
