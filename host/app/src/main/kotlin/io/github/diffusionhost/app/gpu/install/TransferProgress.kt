package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.amount
import io.github.diffusionhost.app.words.duration
import io.github.diffusionhost.engine.download.DownloadProgress

/**
 * Tells a person how something of many bytes goes on: on a terminal one line that is written over, elsewhere a line for
 * every tenth.
 *
 * @param doing such as "downloading"
 * @param clock nanoseconds
 */
internal class TransferProgress(
  private val status: StatusLine,
  private val doing: String,
  private val total: Long,
  private val clock: () -> Long = System::nanoTime,
) : DownloadProgress {
  private val files = HashMap<String, Long>()
  private val began = clock()
  private var before = -1L
  private var tenth = 0L

  /** Of several files that together are [total]. */
  override fun update(file: RemoteFile, bytes: Long) {
    files[file.path()] = bytes
    reached(files.values.sum())
  }

  /** So much is there. */
  fun reached(bytes: Long) {
    // What an earlier attempt has left says nothing of the speed.
    if (before < 0) before = bytes
    if (status.terminal) return status.show { text(bytes) }
    val now = bytes * TENTHS / maxOf(1, total)
    if (now > tenth && bytes < total) status.line(text(bytes))
    tenth = maxOf(tenth, now)
  }

  /** Wipes the line. */
  fun end() = status.clear()

  private fun text(bytes: Long): String {
    val perSecond = (bytes - before) / maxOf(1e-3, (clock() - began) / 1e9)
    val speed = if (perSecond < 1) "" else "  ${amount(perSecond)}/s  ${duration((total - bytes) / perSecond)} left"
    return "$doing: ${amount(bytes)} of ${amount(total)}$speed"
  }

  private companion object {
    const val TENTHS = 10
  }
}
