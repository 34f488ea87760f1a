package io.github.diffusionhost.app.script

import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.readLines

/** The memory that a process has of this machine, where that can be seen: on Linux. */
internal class Residence(pid: Long) {
  private val status = Path.of("/proc/$pid/status")

  /** 0 where it cannot be seen, or the process has ended. */
  fun bytes(): Long =
    try {
      val line = status.readLines().find { it.startsWith("VmRSS:") }
      (line?.filter(Char::isDigit)?.toLongOrNull() ?: 0) shl KILOBYTE
    } catch (_: IOException) {
      0 // no Linux, or it has ended
    }

  private companion object {
    const val KILOBYTE = 10
  }
}
