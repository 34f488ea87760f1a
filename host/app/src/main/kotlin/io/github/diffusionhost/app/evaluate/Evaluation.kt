package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.config.BoundMetric
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.random.Streams
import io.github.diffusionhost.engine.random.Streams.Purpose
import io.github.diffusionhost.engine.sample.FeatureExtractor
import io.github.diffusionhost.engine.sample.LevelPredictor
import io.github.diffusionhost.engine.train.Network
import java.util.function.Supplier

/**
 * Runs metrics on images, and on a network with the weights that it has at that time: what was compiled and read for
 * one metric serves the next one, and the same one with other weights.
 *
 * @property subject the network; null if only images are evaluated
 * @property seed every draw follows from it
 * @property manager the device; everything else that this opens is closed with it
 */
class Evaluation
internal constructor(
  internal val assembly: RunAssembly,
  private val references: ReferenceImages,
  internal val subject: EvaluatedNetwork?,
  internal val manager: NDManager,
  val seed: Long,
) : AutoCloseable {
  private val staging = StagingBuffer()
  private val shared = mutableMapOf<Class<*>, AutoCloseable>()

  /**
   * An evaluation of a network, against the dataset of a run.
   *
   * @param spec the images that the network was trained on
   * @param network stays the caller's
   */
  constructor(
    assembly: RunAssembly,
    config: RunConfig,
    spec: ImageSpec,
    network: Network,
    manager: NDManager,
    seed: Long,
  ) : this(
    assembly,
    ReferenceImages(spec) { assembly.openDataset(config, it) },
    EvaluatedNetwork(config, spec, network, manager),
    manager,
    seed,
  )

  /**
   * Runs metrics, all on the same images.
   *
   * @param images what metrics look at
   * @param follow told of the work inside metrics
   * @throws UserError if a metric does not fit the network or the data, or finds no result
   * @throws java.io.IOException if files that a metric needs cannot be had
   */
  fun run(metrics: List<BoundMetric<*>>, images: GeneratedImages, follow: MetricFollower): List<Evaluated> {
    val running = mutableListOf<RunningMetric>()
    try {
      // All of them first: what does not fit shows before anything takes long.
      for (metric in metrics) running += RunningMetric(metric, metric.create(context(metric, follow)))
      images.feed(running)
      return running.map { it.report() }
    } finally {
      running.forEach(RunningMetric::close)
    }
  }

  /**
   * Starts metrics and ends them again, to find out whether they can run.
   *
   * @throws UserError if a metric does not fit the network or the data
   * @throws java.io.IOException if files that a metric needs cannot be had
   */
  fun check(metrics: List<BoundMetric<*>>, follow: MetricFollower) {
    for (metric in metrics) RunningMetric(metric, metric.create(context(metric, follow))).close()
  }

  override fun close() {
    shared.values.forEach(AutoCloseable::close)
    subject?.close()
    references.close()
  }

  private fun context(metric: BoundMetric<*>, follow: MetricFollower) =
    EvaluationContext(this, manager.newSubManager()) { what, done, total ->
      follow.progress(metric.provider.name(), what, done, total)
    }

  internal fun noise(vararg place: Long) =
    HostNoise.single(manager, staging, Streams.seed(seed, Purpose.METRIC, *place))

  internal fun reference(split: Split): ImageDataset = references[split]

  /** @throws IllegalArgumentException if only images are evaluated */
  internal fun network(): EvaluatedNetwork =
    subject ?: throw IllegalArgumentException("it looks at a network; evaluate a checkpoint, without --images")

  internal fun features(names: List<String>): FeatureExtractor = network().features(names, draws())

  internal fun prediction(): LevelPredictor = network().prediction(draws())

  private fun draws() = HostNoise.single(manager, staging, Streams.seed(seed, Purpose.SAMPLER))

  internal fun <T : AutoCloseable> shared(type: Class<T>, make: Supplier<out T>): T =
    type.cast(shared.getOrPut(type) { make.get() })
}

/** What a metric found, and what it took. */
class Evaluated(val name: String, val report: MetricReport, val seconds: Double)

/** Follows the work inside metrics. */
fun interface MetricFollower {
  /**
   * @param metric the name of the metric
   * @throws InterruptedException if it is to stop
   */
  fun progress(metric: String, what: String, done: Long, total: Long)
}

/** A metric that was started. */
class RunningMetric internal constructor(val bound: BoundMetric<*>, val metric: Metric) : AutoCloseable {
  private var seconds = 0.0
  private var sampling = emptyMap<String, String>()

  /** Says how the images were made that the metric is given; part of its protocol. */
  fun sampledBy(how: Map<String, String>) {
    sampling = how
  }

  /** How many generated images it wants of those that were asked for. */
  fun wanted(asked: Int?): Int = inside { samples(asked ?: bound.samples) }

  /** Calls the metric and counts the time. */
  fun <T> inside(call: Metric.() -> T): T {
    val start = System.nanoTime()
    try {
      return inPluginOf(metric) { metric.call() }
    } catch (e: IllegalStateException) {
      throw UserError("metric ${bound.provider.name()}: ${e.message}", ExitCode.FAILED, e)
    } finally {
      seconds += (System.nanoTime() - start) / 1e9
    }
  }

  internal fun report(): Evaluated {
    val found = inside { report() }
    val report = MetricReport(found.values(), found.figures(), found.protocol() + sampling)
    return Evaluated(bound.provider.name(), report, seconds)
  }

  override fun close() = inPluginOf(metric) { metric.close() }
}
