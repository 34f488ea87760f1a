package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.plugins.jar.PluginFolderException
import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.UserError
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.encodeToJsonElement

/** Looks at one area of the machine or the installation. */
internal interface Examination {
  val area: String

  fun findings(): List<Finding>
}

/** Everything that all examinations find, in their order. One that fails is a finding itself. */
internal fun examine(examinations: List<Examination>): List<Finding> = examinations.flatMap {
  try {
    it.findings()
  } catch (e: Exception) {
    listOf(failed(it, e))
  } catch (e: LinkageError) {
    listOf(failed(it, e))
  }
}

/** The failure that is behind all others: what is wrapped around it tells nobody anything. */
internal fun inWords(e: Throwable): String {
  val root = generateSequence(e) { it.cause }.last()
  val plain = root is UserError || root is PluginFolderException || root is LinkageError
  return if (plain) root.message.orEmpty() else "$root".removePrefix("${root.javaClass.packageName}.")
}

private fun failed(examination: Examination, e: Throwable) =
  Finding(
    examination.area,
    "examination",
    inWords(e),
    Verdict.BROKEN,
    "Run host --debug doctor to see where it fails",
  )

/** The findings as a table, and how many need something. */
internal fun doctorText(findings: List<Finding>): String {
  val rows = findings.map {
    listOf(it.verdict.name.lowercase(), it.area, it.what, it.found + it.remedy?.let { remedy -> ". $remedy" }.orEmpty())
  }
  return textTable(listOf("", "AREA", "WHAT", "FOUND"), rows) + "\n" + summary(findings) + "\n"
}

internal fun doctorJson(findings: List<Finding>): JsonElement = FORMAT.encodeToJsonElement(findings)

private fun summary(findings: List<Finding>): String {
  val broken = findings.count { it.verdict == Verdict.BROKEN }
  val notes = findings.count { it.verdict == Verdict.NOTE }
  val could = if (notes == 0) "" else "; $notes could be better"
  return (if (broken == 0) "Nothing is broken" else "Broken: $broken") + "$could."
}

private val FORMAT = Json { encodeDefaults = true }
