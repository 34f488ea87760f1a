package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.engine.files.AtomicFile
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.exists
import kotlin.io.path.useLines
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json

/** `evaluations.jsonl` of a run: one [EvaluationRecord] a line, in the order they were found. */
class EvaluationFile(private val path: Path) {
  /**
   * Adds a line, whatever other process adds one. A last line that a killed process did not end is ended first, so that
   * it spoils no other.
   */
  fun append(record: EvaluationRecord) {
    FileChannel.open(path, READ, WRITE, CREATE).use { channel ->
      channel.lock().use {
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
    if (!path.exists()) return emptyList()
    var damaged = 0
    val all = path.useLines { lines ->
      lines
        .filter(String::isNotBlank)
        .mapNotNull { line ->
          try {
            FORMAT.decodeFromString<EvaluationRecord>(line)
          } catch (_: SerializationException) {
            damaged++
            null
          }
        }
        .toList()
    }
    if (damaged > 0) note("$damaged lines of evaluations.jsonl cannot be read and are left out.")
    val newest = all.associateBy { Triple(it.step, it.weights, it.comparable) }
    return newest.values.sortedBy { it.step }
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
