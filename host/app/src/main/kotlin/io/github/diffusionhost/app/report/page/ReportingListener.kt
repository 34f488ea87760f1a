package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.run.peakResidentBytes
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainListener
import java.io.IOException
import java.nio.file.Path
import org.slf4j.LoggerFactory

/**
 * Keeps the report of a training run up to date: at checkpoints, as long as that takes less than a hundredth of the
 * time, and at the end. A report that cannot be written is a warning and never ends the training.
 */
class ReportingListener(
  private val writer: ReportWriter,
  private val run: () -> Path,
  private val next: TrainListener,
) : TrainListener by next {
  private val log = LoggerFactory.getLogger(ReportingListener::class.java)
  private var logged = false
  private var lastEnd = System.nanoTime()
  private var lastTook = 0L

  override fun stepped(progress: TrainListener.Progress) {
    if (progress.logged()) logged = true
    next.stepped(progress)
  }

  override fun saved(checkpoint: Path) {
    next.saved(checkpoint)
    if (System.nanoTime() - lastEnd > SHARE * lastTook) write()
  }

  /**
   * Writes the report; call it when the training has ended, however it has.
   *
   * @return the file; null if there is nothing to report, or it could not be written
   */
  fun write(): Path? {
    if (!logged) return null
    val start = System.nanoTime()
    val folder = run()
    val file = folder.resolve(ReportWriter.FILE)
    try {
      recordMemory(folder)
      writer.write(listOf(folder), file)
      return file
    } catch (e: UserError) {
      log.warn("the report was not written: {}", e.message)
    } catch (e: IOException) {
      log.warn("the report was not written: {}", e.message)
    } catch (e: RuntimeException) {
      log.warn("the report was not written", e)
    } catch (e: OutOfMemoryError) {
      log.warn("the report was not written: out of memory: {}; host report writes it later", e.message)
    } finally {
      lastEnd = System.nanoTime()
      lastTook = lastEnd - start
    }
    return null
  }

  private fun recordMemory(folder: Path) {
    try {
      ManifestFile(RunDirectory(folder)).update {
        val peak = maxOf(peakMemoryBytes ?: 0, peakResidentBytes() ?: 0)
        if (peak > 0) copy(peakMemoryBytes = peak) else this
      }
    } catch (e: UserError) {
      log.debug("the peak memory is not recorded", e) // the report says that the manifest cannot be read
    }
  }

  private companion object {
    const val SHARE = 100
  }
}
