package io.github.diffusionhost.app.lint

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

private const val WIDTH = 100

/** What a config cannot show. */
private const val SEEDS =
  "Not in any config: if several processes sample, give each a --seed of its own. Image i follows from the seed and i, " +
    "so equal seeds draw equal images."

/** Findings for a terminal. */
internal fun lintText(file: String, recipe: Recipe, findings: List<Finding>): String = buildString {
  val number = if (findings.size == 1) "1 departure that matters" else "${findings.size} departures that matter"
  append(wrapped("$file: $number from ${recipe.name}, ${recipe.title}", ""))
  for (finding in findings) {
    append("\n${finding.key}: ${finding.here}; ${recipe.name}: ${finding.recipe}\n")
    append(wrapped(finding.effect, "  "))
    append(wrapped("Source: ${finding.source}", "  "))
  }
  append('\n').append(wrapped(SEEDS, ""))
}

/** Findings for programs. */
internal fun lintJson(recipe: Recipe, findings: List<Finding>): JsonObject = buildJsonObject {
  put("recipe", recipe.name)
  put("title", recipe.title)
  put("findings", JsonArray(findings.map(::finding)))
  put("note", SEEDS)
}

private fun finding(finding: Finding) = buildJsonObject {
  put("rule", finding.rule)
  put("key", finding.key)
  put("here", finding.here)
  put("recipe", finding.recipe)
  put("effect", finding.effect)
  put("source", finding.source)
}

/** Text in lines of up to [WIDTH] characters. */
private fun wrapped(text: String, indent: String): String {
  val lines = mutableListOf(StringBuilder(indent))
  for (word in text.split(' ')) {
    val full = lines.last().length > indent.length && lines.last().length + 1 + word.length > WIDTH
    if (full) lines += StringBuilder(indent)
    if (lines.last().length > indent.length) lines.last().append(' ')
    lines.last().append(word)
  }
  return lines.joinToString("") { "$it\n" }
}
