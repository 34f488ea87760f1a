package io.github.diffusionhost.app.selftest.check

import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.Outcome
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SelfTestReport
import io.github.diffusionhost.app.selftest.Subject
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.bufferedReader
import kotlin.io.path.readText
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json

/**
 * Two processes on one device at a time, each of which tests training there: both must be right, and find the same.
 *
 * @param command starts a process that tests training on the device, and prints JSON
 */
internal class CompanyCheck(private val command: List<String>) : SelfCheck {
  override val area = "processes"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    val printed = List(2) { Files.createTempFile(subject.folder, "printed", ".json") }
    val said = List(2) { Files.createTempFile(subject.folder, "said", ".txt") }
    val processes = List(2) { start(printed[it], said[it]) }
    try {
      val done = processes.all { it.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES) }
      check(done) {
        "two processes on ${subject.device} take more than $PATIENCE_MINUTES minutes for what one does in seconds"
      }
    } finally {
      processes.forEach { it.destroyForcibly().waitFor() }
    }
    val failed = processes.indices.filter { processes[it].exitValue() != 0 }
    val note = failed.firstOrNull()?.let { why(said[it], printed[it]) }
    found(Measured.of(area, "processes of two that fail", failed.size.toDouble(), 0.0, note?.take(LONGEST)))
    if (failed.isNotEmpty()) return
    val (one, other) = printed.map(::figures)
    val differing = one.keys.union(other.keys).count { one[it] != other[it] }
    found(Measured.of(area, "figures in which two differ", differing.toDouble(), 0.0))
  }

  private fun start(printed: Path, said: Path): Process =
    ProcessBuilder(command).redirectOutput(printed.toFile()).redirectError(said.toFile()).start().also {
      it.outputStream.close()
    }

  /** What it has said last, or what was wrong in its own report. */
  private fun why(said: Path, printed: Path): String? =
    said.bufferedReader().useLines { lines -> lines.lastOrNull(String::isNotBlank) }
      ?: try {
        val wrong = report(printed).results.firstOrNull { it.outcome == Outcome.FAILED }
        wrong?.let { listOfNotNull("${it.area}, ${it.what}", it.note).joinToString(": ") }
      } catch (e: SerializationException) {
        "it ended before its report: ${e.message}"
      }

  private fun report(file: Path) = Json.decodeFromString(SelfTestReport.serializer(), file.readText())

  private fun figures(file: Path): Map<String, Double?> = report(file).results.associate { it.what to it.figure }

  private companion object {
    const val PATIENCE_MINUTES = 5L
    const val LONGEST = 200
  }
}
