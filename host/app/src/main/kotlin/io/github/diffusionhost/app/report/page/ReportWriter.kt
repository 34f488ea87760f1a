package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.ReportReader
import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.files.AtomicFile
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.isDirectory

/** Writes reports; who reads the file meanwhile sees the old one or the new one. */
class ReportWriter(private val reader: ReportReader) {
  /** Writes the report of one run, or a comparison of several, to [out]. */
  fun write(runs: List<Path>, out: Path) {
    refuseFolder(out)
    val reports = runs.map { reader.read(it, runs.size) }
    val page = if (reports.size == 1) reportPage(reports.single()) else comparisonPage(reports.distinctNames())
    Files.createDirectories(out.toAbsolutePath().normalize().parent)
    AtomicFile.write(out, page.toByteArray())
  }

  companion object {
    /** The name of the report in a run's folder. */
    const val FILE = "report.html"

    /** @throws UserError if a folder is where the file is to go */
    fun refuseFolder(out: Path) {
      if (out.isDirectory()) throw UserError("$out is a folder; name a file, such as $out/$FILE", ExitCode.USAGE)
    }
  }
}

/** The same runs, where the ones that share a name are called by their folders. */
private fun List<RunReport>.distinctNames(): List<RunReport> {
  val shared = groupingBy { it.name }.eachCount().filterValues { it > 1 }.keys
  return map { if (it.name in shared) it.named("${it.folder}") else it }
}
