package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.report.page.ReportWriter
import io.github.diffusionhost.app.report.readMetrics
import io.github.diffusionhost.app.report.writeCsv
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.pathOf
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.fileSize

internal val REPORT =
  CommandWords(
    "report",
    "Writes the report of a run, finished or not, as one page of HTML that opens without a network: curves, losses by " +
      "noise level, samples, config, environment. Several runs become one page that compares them. --csv writes the " +
      "numbers of a run instead, one row a step.",
    "host report runs/quickstart",
    "host report runs/a runs/b runs/c --out compare.html",
    "host report runs/quickstart --csv quickstart.csv",
  )

/** `host report`: what a run did, as a page; several runs beside each other; a run's numbers as CSV. */
internal class ReportCommand : HostSubcommand(REPORT) {
  private val runs by argument("RUN").convert { pathOf(it) }.multiple(required = true).help("The folder of a run")
  private val out by
    option("--out", metavar = "FILE")
      .convert { pathOf(it) }
      .help("The page; report.html in the run's folder if not given")
  private val csv by
    option("--csv", metavar = "FILE").convert { pathOf(it) }.help("Write every number of the run to this file as CSV")

  override fun run() {
    val twice =
      runs.groupingBy { it.toAbsolutePath().normalize() }.eachCount().filterValues { it > 1 }.keys.firstOrNull()
    if (twice != null) wrongUsage("$twice is named twice")
    if (runs.size > 1 && csv != null) wrongUsage("--csv is for one run; name one")
    if (runs.size > 1 && out == null) wrongUsage("several runs are compared on one page: name it by --out FILE")
    csv?.let(::writeNumbers)
    if (csv == null || out != null) {
      val page = out ?: runs.single().resolve(ReportWriter.FILE)
      services.get<ReportWriter>().write(runs, page)
      said(page)
    }
  }

  private fun writeNumbers(file: Path) {
    ReportWriter.refuseFolder(file)
    val history = readMetrics(runs.single())
    history.leftOut()?.let(streams.err::println)
    Files.createDirectories(file.toAbsolutePath().normalize().parent)
    writeCsv(history, file)
    said(file)
  }

  private fun said(file: Path) = println("$file: ${count((file.fileSize() + 999) / 1000)} kB")
}
