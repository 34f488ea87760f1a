package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.words.csvField
import io.github.diffusionhost.engine.files.AtomicFile
import java.nio.channels.Channels
import java.nio.file.Path

/**
 * Writes every scalar of a run as CSV after RFC 4180: a heading, then a row for each step; an empty field where a step
 * has no value.
 */
fun writeCsv(history: RunHistory, file: Path) =
  AtomicFile.write(file) { channel ->
    // Not closed: that is the file's business.
    val out = Channels.newWriter(channel, Charsets.UTF_8).buffered(1 shl 16)
    out.write((listOf("step", "images", "seconds") + history.columns.keys).joinToString(",", transform = ::csvField))
    out.write("\r\n")
    for (row in 0 until history.rows) {
      out.write("${history.step(row)},${history.images(row)},${exact(history.seconds(row))}")
      for (column in history.columns.values) out.write("," + column[row]?.let(::exact).orEmpty())
      out.write("\r\n")
    }
    out.flush()
  }

/** A whole number without its `.0`; others as Java writes them, with as many digits as give the number back. */
private fun exact(value: Double): String = "$value".removeSuffix(".0")
