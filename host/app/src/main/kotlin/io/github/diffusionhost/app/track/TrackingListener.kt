package io.github.diffusionhost.app.track

import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.api.tracker.TrackedRow
import io.github.diffusionhost.api.tracker.Tracker
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundTracker
import io.github.diffusionhost.engine.log.MetricsRow
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainListener
import java.nio.file.Path
import java.time.Instant
import kotlin.io.path.invariantSeparatorsPathString
import org.slf4j.LoggerFactory

/**
 * Tells the trackers of a config what its training logs. They work on threads of their own and begin with the training;
 * a run without trackers costs nothing.
 *
 * @property folder asked when the training begins
 */
class TrackingListener
internal constructor(
  private val config: RunConfig,
  private val folder: () -> RunDirectory,
  private val resumed: Boolean,
  private val next: TrainListener,
  private val patience: Patience,
) : TrainListener by next {
  constructor(
    config: RunConfig,
    folder: () -> RunDirectory,
    resumed: Boolean,
    next: TrainListener,
  ) : this(config, folder, resumed, next, Patience())

  private val log = LoggerFactory.getLogger(TrackingListener::class.java)
  private var queues = emptyList<TrackerQueue>()
  private var seconds = 0.0

  override fun started(done: Long, total: Long) {
    val directory = folder()
    val before = if (resumed && config.trackers.isNotEmpty()) RecordedBefore(config, directory, done) else null
    val rows = before?.rows().orEmpty()
    val pictures = before?.pictures().orEmpty()
    queues = config.trackers.map { tracker -> begin(tracker, before?.let { { it.replay(rows, pictures) } }) }
    artifact(directory.config())
    artifact(directory.manifest())
    next.started(done, total)
  }

  override fun logged(row: MetricsRow) {
    seconds = row.seconds()
    values(row.step(), row.images(), seconds, row.values())
    next.logged(row)
  }

  override fun evaluated(step: Long, values: Map<String, Double>) {
    val images = step * config.train.batchSize()
    if (values.isNotEmpty()) this.values(step, images, seconds, measured(values))
    next.evaluated(step, values)
  }

  override fun sampled(file: Path) {
    artifact(file)
    next.sampled(file)
  }

  /** Has numbers recorded that belong to a step. */
  fun values(step: Long, images: Long, seconds: Double, values: Map<String, Double>) {
    val row = TrackedRow(step, images, seconds, Instant.now(), values)
    queues.forEach { it.log(row) }
  }

  /** Has a file of the run's folder recorded. */
  fun artifact(file: Path) {
    val name = folder().root().relativize(file).invariantSeparatorsPathString
    queues.forEach { it.artifact(file, name) }
  }

  /** Has the end recorded, if the training had begun; returns when the trackers are done, or have had their time. */
  fun end(end: RunEnd) {
    queues.forEach { it.end(end) }
    queues = emptyList()
  }

  private fun begin(tracker: BoundTracker<*>, replay: ((Tracker) -> Unit)?): TrackerQueue {
    val name = tracker.provider.name()
    val run = trackedRun(config, folder(), name, resumed) { log.warn("tracker {}: {}", name, it) }
    return TrackerQueue(name, { tracker.start(run) }, patience, replay) { log.warn("{}", it) }
  }
}
