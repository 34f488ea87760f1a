package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.widgets.ProgressBar
import io.github.diffusionhost.app.words.duration

/**
 * Tells a person how sampling goes: on a terminal a bar, elsewhere a line every ten seconds, and one at the end of
 * several batches.
 *
 * @param total how many images are asked for
 * @param steps of the sampler for each batch
 * @param done how many there are already
 * @param clock nanoseconds
 */
class SamplingProgress(
  private val status: StatusLine,
  private val total: Int,
  private val steps: Int,
  private var done: Int = 0,
  private val clock: () -> Long = System::nanoTime,
) {
  private var said = clock()
  private var firstStep = 0L
  private var workOfFirstStep = 0L

  /** A step of a batch of [images] is done; [step] counts from 1. */
  fun stepped(step: Int, images: Int) {
    val work = done.toLong() * steps + step.toLong() * images
    // Before its first step ends, a network may have been compiled.
    if (workOfFirstStep == 0L) {
      firstStep = clock()
      workOfFirstStep = work
    }
    if (status.terminal) {
      status.show { text(step, work) }
    } else if (clock() - said >= PLAIN && work < total.toLong() * steps) {
      said = clock()
      status.line(text(step, work))
    }
  }

  /** A batch of [images] is done. */
  fun sampled(images: Int) {
    done += images
    val over = done >= total
    if (total > images && (over || clock() - said >= PLAIN)) {
      said = clock()
      status.line("$done of $total images")
    }
    if (over) status.clear()
  }

  private fun text(step: Int, work: Long): String {
    val all = total.toLong() * steps
    val bar =
      plainText(ProgressBar(all, work, false, WIDTH, pendingChar = "-", separatorChar = "-", completeChar = "#"))
    val since = work - workOfFirstStep
    val left = if (since == 0L) "" else "  ${duration((clock() - firstStep) / 1e9 / since * (all - work))} left"
    return "[$bar]  step $step/$steps  $done/$total images$left"
  }

  private companion object {
    const val WIDTH = 20
    const val PLAIN = 10_000_000_000L
  }
}
