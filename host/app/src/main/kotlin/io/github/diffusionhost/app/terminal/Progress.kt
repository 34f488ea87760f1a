package io.github.diffusionhost.app.terminal

import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.digits
import io.github.diffusionhost.app.words.duration
import io.github.diffusionhost.engine.log.MetricsRow
import io.github.diffusionhost.engine.train.TrainListener
import java.nio.file.Path
import kotlin.math.roundToInt

/**
 * Tells a person how a training goes: on a terminal one line that is written over, elsewhere a line for each line of
 * the log.
 */
class Progress(private val status: StatusLine) : TrainListener {
  override fun started(done: Long, total: Long) {
    if (done > 0) line("Going on from step ${count(done)} of ${count(total)}")
  }

  override fun stepped(progress: TrainListener.Progress) {
    if (progress.logged()) line(text(progress)) else status.show { text(progress) }
  }

  /** The steps say it. */
  override fun logged(row: MetricsRow) = Unit

  override fun sampled(file: Path) = line("Samples: $file")

  /** The log says it. */
  override fun unsampled(step: Long, fault: Throwable) = Unit

  override fun saved(checkpoint: Path) = line("Checkpoint: $checkpoint")

  override fun evaluated(step: Long, values: Map<String, Double>) {
    // Numbers of parts, such as those by noise level, are for tables.
    val whole = values.filterKeys { name -> name.count { it == '/' } < 2 }
    if (whole.isEmpty()) return
    line("Measured after step ${count(step)}: " + whole.entries.joinToString { "${it.key} ${digits(it.value)}" })
  }

  /** Prints a line of its own. */
  fun line(text: String) = status.line(text)

  private fun text(p: TrainListener.Progress): String {
    val speed = "${p.imagesPerSecond().roundToInt()} images/s"
    val left = if (p.done() == p.total()) "done" else "${duration(p.secondsLeft())} left"
    // There is none before the first line of the log.
    val loss = if (p.loss().isNaN()) "" else "loss ${digits(p.loss())}  "
    return "step ${count(p.done())}/${count(p.total())}  $loss$speed  $left"
  }
}
