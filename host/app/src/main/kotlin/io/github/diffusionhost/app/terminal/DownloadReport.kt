package io.github.diffusionhost.app.terminal

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.download.DownloadProgress
import org.slf4j.LoggerFactory

/** Tells how a download goes: a line for every tenth of a file. */
class DownloadReport : DownloadProgress {
  private val log = LoggerFactory.getLogger(DownloadReport::class.java)
  private var shown = "" to -1L

  override fun update(file: RemoteFile, bytes: Long) {
    val tenth = file.path() to bytes * 10 / maxOf(1, file.bytes())
    if (tenth == shown) return
    shown = tenth
    log.info("Downloading {}: {} of {} bytes", file.path(), count(bytes), count(file.bytes()))
  }
}
