package io.github.diffusionhost.app.selftest

import io.github.diffusionhost.engine.log.MetricsRow
import io.github.diffusionhost.engine.train.TrainListener
import java.nio.file.Path

/** Follows a training and says nothing, except that what cannot be sampled is an error. */
internal object Unheard : TrainListener {
  override fun started(done: Long, total: Long) = Unit

  override fun stepped(progress: TrainListener.Progress) = Unit

  override fun logged(row: MetricsRow) = Unit

  override fun sampled(file: Path) = Unit

  override fun unsampled(step: Long, fault: Throwable): Unit = throw IllegalStateException("no samples", fault)

  override fun saved(checkpoint: Path) = Unit

  override fun evaluated(step: Long, values: Map<String, Double>) = Unit
}
