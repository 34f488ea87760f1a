package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count

/**
 * Gives images to metrics, each as many as it wants, in one pass over them.
 *
 * @param kept keeps what metrics have taken in, for another process to go on; null: nothing is kept
 */
internal class MetricFeed(
  private val wanted: Map<RunningMetric, Int>,
  private val images: EvaluatedImages,
  private val kept: PartialEvaluation?,
) : ImageTaker {
  private val metrics = wanted.keys.toList()
  private val total = wanted.values.max()
  private val fixed = metrics.filterNot { it.resumable }.map { it.name }
  private var seen = 0
  private var batch = 0
  private var torn = false

  /** @throws UserError if somebody asked to stop and there was something to keep */
  fun run(start: PartialEvaluation.Start?) {
    seen = start?.seen ?: 0
    batch = start?.batch ?: images.batch()
    if (seen >= total) return
    try {
      images.give(seen, total, batch, this)
    } catch (e: InterruptedException) {
      throw interrupted(e)
    }
    if (fixed.isEmpty()) kept?.saveAtEnd(seen, batch, metrics)
  }

  override fun take(images: NDArray, labels: NDArray?) {
    val count = images.shape[0].toInt()
    torn = true
    for ((metric, all) in wanted) {
      val some = minOf(count, all - seen)
      if (some == count) {
        metric.add(images, labels)
      } else if (some > 0) {
        metric.add(images.get("0:$some"), labels?.get("0:$some"))
      }
    }
    seen += count
    torn = false
    if (fixed.isEmpty() && seen < total) kept?.saveNowAndThen(seen, batch, metrics)
  }

  private fun interrupted(e: InterruptedException): Exception {
    if (kept == null) return e
    val after = "interrupted after ${count(seen.toLong())} of ${count(total.toLong())} images"
    if (fixed.isNotEmpty()) {
      val which = fixed.joinToString(", ")
      return UserError("$after; $which cannot go on from there, so the next time begins anew", ExitCode.INTERRUPTED, e)
    }
    if (torn) {
      // Some metrics have taken in images that others have not.
      val next = "the same command goes on from what was kept before this batch"
      return UserError("$after, in a batch that did not end in time; $next, if anything", ExitCode.INTERRUPTED, e)
    }
    val next = if (kept.save(seen, batch, metrics)) "goes on from there" else "begins anew"
    return UserError("$after; the same command $next", ExitCode.INTERRUPTED, e)
  }
}
