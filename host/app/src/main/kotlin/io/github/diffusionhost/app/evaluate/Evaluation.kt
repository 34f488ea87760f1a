package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.SharedDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.random.Streams
import io.github.diffusionhost.engine.random.Streams.Purpose
import io.github.diffusionhost.engine.sample.FeatureExtractor
import io.github.diffusionhost.engine.sample.LevelPredictor
import java.io.IOException

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
   * @param trained the training split if it is open already; stays the caller's
   */
  constructor(
    assembly: RunAssembly,
    config: RunConfig,
    spec: ImageSpec,
    network: Network,
    manager: NDManager,
    seed: Long,
    trained: SharedDataset? = null,
  ) : this(
    assembly,
    ReferenceImages(spec) { trained?.takeIf { _ -> it == Split.TRAIN } ?: assembly.openDataset(config, it) },
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
  fun run(metrics: List<BoundMetric<*>>, images: EvaluatedImages, follow: MetricFollower): List<Evaluated> =
    run(metrics, images, follow, null)

  /**
   * The same of an evaluation that can be interrupted.
   *
   * @param kept where it goes on, and what it leaves for another process
   */
  internal fun run(
    metrics: List<BoundMetric<*>>,
    images: EvaluatedImages,
    follow: MetricFollower,
    kept: PartialEvaluation?,
  ): List<Evaluated> {
    // All of them first: what does not fit shows before anything takes long.
    var running = start(metrics, follow)
    try {
      val looking = running.associateWith(images::wanted).filterValues { it > 0 }
      if (looking.isNotEmpty()) {
        val from =
          try {
            kept?.restore(looking.keys.toList(), looking.values.max(), images.batch())
          } catch (e: IOException) {
            kept?.refuse(e)
            running.forEach(RunningMetric::close)
            running = emptyList()
            running = start(metrics, follow)
            null
          }
        feed(running, images, kept, from)
      }
      return running.map { it.report() }.also { kept?.done() }
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
    start(metrics, follow).forEach(RunningMetric::close)
  }

  private fun start(metrics: List<BoundMetric<*>>, follow: MetricFollower): List<RunningMetric> {
    val running = mutableListOf<RunningMetric>()
    try {
      for (metric in metrics) running += start(metric, follow)
      return running
    } catch (e: Exception) {
      running.forEach(RunningMetric::close)
      throw e
    }
  }

  private fun feed(
    running: List<RunningMetric>,
    images: EvaluatedImages,
    kept: PartialEvaluation?,
    from: PartialEvaluation.Start?,
  ) {
    val wanted = running.associateWith(images::wanted).filterValues { it > 0 }
    wanted.forEach { (metric, count) -> metric.sampledBy(images.protocol(count)) }
    MetricFeed(wanted, images, kept).run(from)
  }

  override fun close() {
    shared.values.forEach(AutoCloseable::close)
    subject?.close()
    references.close()
  }

  private fun start(metric: BoundMetric<*>, follow: MetricFollower): RunningMetric {
    val scope = manager.newSubManager()
    val name = metric.provider.name()
    val context = EvaluationContext(this, scope, name, follow)
    try {
      return RunningMetric(metric, metric.create(context), scope)
    } catch (e: Throwable) {
      scope.close()
      throw e
    }
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

  internal fun <T : AutoCloseable> shared(type: Class<T>, make: () -> T): T = type.cast(shared.getOrPut(type, make))
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

  /**
   * Called while something takes long of which nothing is to be told.
   *
   * @throws InterruptedException if it is to stop
   */
  fun check() {}
}
