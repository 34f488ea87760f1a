package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.terminal.textTable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.encodeToJsonElement
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/** Looks at one area of the machine or the installation. */
internal interface Examination {
  val area: String

  /** What to do where the examination itself fails; null if the failure's own words say it. */
  val remedy: String?
    get() = null

  fun findings(): List<Finding>
}

/**
 * Everything that all examinations find, in their order. One that fails is a finding itself.
 *
 * @param words an exception as a person reads it
 */
internal fun examine(examinations: List<Examination>, words: (Throwable) -> String): List<Finding> =
  examinations.flatMap {
    try {
      it.findings()
    } catch (e: Exception) {
      listOf(failed(it, e, words))
    } catch (e: LinkageError) {
      listOf(failed(it, e, words))
    }
  }

private fun failed(examination: Examination, e: Throwable, words: (Throwable) -> String): Finding {
  LOG.debug("The examination of {} has failed", examination.area, e)
  val said = words(e)
  val root = generateSequence(e) { it.cause }.last()
  val behind = if (root.message.orEmpty() in said) "" else ", since ${root.javaClass.simpleName}: ${root.message}"
  return Finding(examination.area, "examination", said + behind, Verdict.BROKEN, examination.remedy)
}

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

private val LOG: Logger = LoggerFactory.getLogger("io.github.diffusionhost.app.doctor.Doctor")
