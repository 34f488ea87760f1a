package io.github.diffusionhost.app.script

import io.github.diffusionhost.api.text.Printable
import java.io.InputStream
import kotlin.concurrent.thread

/** Reads what a process says, however much, and remembers how the last line begins. */
internal class LastLine(private val input: InputStream) {
  private var last: String? = null
  private val reading = thread(isDaemon = true, name = "torchscript output") { runCatching { read() } }

  /** The last line that is not blank, once the process has ended; null: it said nothing. */
  fun get(): String? {
    reading.join(PATIENCE_MILLIS)
    return synchronized(this) { last }?.let { Printable.line(it, LONGEST) }
  }

  private fun read() {
    val line = StringBuilder()
    input.bufferedReader().use { reader ->
      while (true) {
        val next = reader.read()
        if (next >= 0 && next != '\n'.code) {
          if (line.length <= LONGEST) line.append(next.toChar())
          continue
        }
        if (line.isNotBlank()) synchronized(this) { last = "$line".trim() }
        line.clear()
        if (next < 0) return
      }
    }
  }

  private companion object {
    const val PATIENCE_MILLIS = 1000L
    const val LONGEST = 200
  }
}
