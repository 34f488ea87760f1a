package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.duration

/**
 * Tells a person how far a metric is: on a terminal a bar, elsewhere a line every ten seconds.
 *
 * @param requested whether somebody asked to stop
 * @param clock nanoseconds
 */
class EvaluationProgress(
  private val status: StatusLine,
  private val requested: () -> Boolean,
  private val clock: () -> Long = System::nanoTime,
) : MetricFollower {
  private var metric = ""
  private var start = 0L
  private var doneAtStart = 0L
  private var said = 0L

  override fun progress(metric: String, what: String, done: Long, total: Long) {
    check()
    if (metric != this.metric || done < doneAtStart) {
      this.metric = metric
      // The first piece of work may have compiled the network.
      start = clock()
      said = start
      doneAtStart = done
    }
    if (status.terminal) {
      status.show { text(what, done, total) }
    } else if (clock() - said >= PLAIN) {
      said = clock()
      status.line(text(what, done, total))
    }
    if (done >= total) status.clear()
  }

  override fun check() {
    if (requested()) throw InterruptedException()
  }

  private fun text(what: String, done: Long, total: Long): String {
    val filled = if (total <= 0) WIDTH else (done.coerceIn(0, total) * WIDTH / total).toInt()
    val bar = "#".repeat(filled) + "-".repeat(WIDTH - filled)
    val since = done - doneAtStart
    val left = if (since <= 0) "" else "  ${duration((clock() - start) / 1e9 / since * (total - done))} left"
    return "[$bar]  $metric: $what  $done/$total$left"
  }

  private companion object {
    const val WIDTH = 20
    const val PLAIN = 10_000_000_000L
  }
}
