package io.github.diffusionhost.app.evaluate.record

import io.github.diffusionhost.api.text.Utf8
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.files.FileLocking
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlinx.serialization.json.Json

/** `evaluations.jsonl` of a run: one [EvaluationRecord] a line, in the order they were found. */
class EvaluationFile(private val path: Path) {
  /**
   * Adds a line, whatever other process or thread adds one. A last line that a killed process did not end is ended
   * first, so that it spoils no other.
   */
  fun append(record: EvaluationRecord) {
    FileChannel.open(path, READ, WRITE, CREATE).use { channel ->
      FileLocking.lock(channel).use {
        val line = FORMAT.encodeToString(EvaluationRecord.serializer(), record) + "\n"
        channel.position(channel.size())
        AtomicFile.writeFully(channel, ByteBuffer.wrap(((if (isTorn(channel)) "\n" else "") + line).toByteArray()))
      }
    }
  }

  private fun isTorn(channel: FileChannel): Boolean {
    if (channel.size() == 0L) return false
    val last = ByteBuffer.allocate(1)
    channel.read(last, channel.size() - 1)
    return last.get(0) != '\n'.code.toByte()
  }

  /**
   * Reads the newest of what was found more than once, by rising step; lines that are no evaluations are left out, and
   * [note] is told how many.
   */
  fun read(note: (String) -> Unit): List<EvaluationRecord> {
    val newest = all(note).associateBy { Triple(it.step, it.weightsText, it.comparable) }
    return newest.values.sortedBy { it.step }
  }

  /** Reads every line, in the order they were found; of lines that are no evaluations [note] is told how many. */
  fun all(note: (String) -> Unit): List<EvaluationRecord> {
    if (!path.exists()) return emptyList()
    val lines = lines().filter(String::isNotBlank).map(::record)
    val damaged = lines.count { it == null }
    if (damaged == 1) note("1 line of evaluations.jsonl cannot be read and is left out.")
    if (damaged > 1) note("$damaged lines of evaluations.jsonl cannot be read and are left out.")
    return lines.filterNotNull()
  }

  /** Removes what a training found after [step], which it does anew; what people found stays. */
  fun removeAfter(step: Long) {
    if (!path.exists()) return
    val lines = lines()
    val kept = lines.filterNot { line -> record(line)?.let { it.origin == Origin.TRAINING && it.step > step } ?: false }
    if (kept.size < lines.size) {
      AtomicFile.write(path, kept.joinToString("") { "$it\n" }.toByteArray(Charsets.ISO_8859_1))
    }
  }

  /** Each with its bytes as characters: lines that are no UTF-8 stay as they are. */
  private fun lines(): List<String> = path.readLines(Charsets.ISO_8859_1)

  /** Null if the line is no evaluation. */
  private fun record(line: String): EvaluationRecord? =
    try {
      FORMAT.decodeFromString<EvaluationRecord>(Utf8.decode(path, line.toByteArray(Charsets.ISO_8859_1)))
    } catch (_: IOException) {
      null // not UTF-8, so none of ours
    } catch (_: IllegalArgumentException) {
      null // not JSON, or of another kind
    }

  private companion object {
    val FORMAT = Json {
      encodeDefaults = true
      ignoreUnknownKeys = true
      isLenient = true
      allowSpecialFloatingPointValues = true
    }
  }
}
