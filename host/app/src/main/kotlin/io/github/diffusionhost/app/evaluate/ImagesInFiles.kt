package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.image.ImageFilesDataset
import java.nio.ByteBuffer
import kotlin.io.path.name

/**
 * Images that are there already: the first ones of a folder or a zip, by name, without labels.
 *
 * @param asked how many, if somebody said; else all
 * @param sha256 of the names and bytes of all
 * @param reference what they are compared with, in words
 * @param follow told how far it is
 */
internal class ImagesInFiles(
  private val files: ImageFilesDataset,
  private val asked: Int?,
  private val sha256: String,
  private val reference: String,
  private val manager: NDManager,
  private val follow: MetricFollower,
) : EvaluatedImages {
  init {
    if (asked != null && asked > files.size()) {
      val there = count(files.size().toLong())
      throw UserError("--count ${count(asked.toLong())}: ${files.path()} holds $there images", ExitCode.USAGE)
    }
  }

  override fun wanted(metric: RunningMetric): Int {
    val there = asked ?: files.size()
    return metric.wanted(there).coerceAtMost(there)
  }

  override fun protocol(count: Int): Map<String, String> =
    mapOf(
      "images" to "${files.path().name}: ${if (count == files.size()) "all" else "the first"} $count",
      "images sha256" to sha256,
      "compared with" to reference,
    )

  override fun batch(): Int = BATCH

  override fun give(first: Int, total: Int, batch: Int, to: ImageTaker) {
    val elements = files.shape().elements()
    for (from in first until total step batch) {
      val size = minOf(batch, total - from)
      val bytes = ByteArray(size * elements)
      for (i in 0 until size) files.read(from + i, bytes, i * elements)
      NDScope().use {
        it.suppressNotUsedWarning()
        to.take(manager.create(ByteBuffer.wrap(bytes), files.shape().batch(size.toLong()), DataType.UINT8), null)
      }
      follow.progress("images", "read", (from + size).toLong(), total.toLong())
    }
  }

  private companion object {
    const val BATCH = 128
  }
}
