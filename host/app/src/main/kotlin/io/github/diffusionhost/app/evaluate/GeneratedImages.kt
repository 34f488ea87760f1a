package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.run.memoryToUse
import io.github.diffusionhost.app.sample.SampleBatches
import io.github.diffusionhost.app.sample.SampleSink
import io.github.diffusionhost.engine.sample.SamplePlan
import java.io.PrintStream

/**
 * Images that a network generates: once, as many as the metric that wants most.
 *
 * @param asked how many, if somebody said; else what each metric's section says
 * @param err where it is told how far it is
 * @param plan what to sample; asked for when an image is wanted
 */
class GeneratedImages(
  private val evaluation: Evaluation,
  private val asked: Int?,
  private val err: PrintStream,
  plan: () -> SamplePlan,
) : EvaluatedImages {
  private val subject = evaluation.network()
  private val plan by lazy(plan)

  override fun wanted(metric: RunningMetric): Int = metric.wanted(asked)

  override fun protocol(count: Int): Map<String, String> =
    mapOf(
        "generated images" to "$count",
        "sampler" to "${subject.config.sampler.name}, ${plan.steps()} steps",
        "sampler options" to "${subject.config.sampler.options}".substringAfter('[').substringBeforeLast(']'),
        "guidance" to realText(plan.guidance()),
        "labels" to if (plan.labels().isEmpty()) "none" else plan.labels().joinToString(","),
        "sampling seed" to "${plan.seed()}",
        "precision" to subject.config.train.precision().name.lowercase(),
      )
      .filterValues { it.isNotEmpty() }

  /** The same on every machine that has enough memory, so that numbers are. */
  override fun batch(): Int = subject.generator.batch(plan, minOf(memoryToUse(evaluation.manager.device), ENOUGH), MOST)

  override fun give(first: Int, total: Int, batch: Int, to: ImageTaker) {
    var next = first
    val sink = SampleSink { samples, images ->
      to.take(images, labels(images, next))
      next += images.shape[0].toInt()
    }
    SampleBatches(subject.generator, plan, subject.network.weights(), subject.spec, err)
      .run(total, batch, sink, null, first)
  }

  private fun labels(images: NDArray, first: Int): NDArray? {
    if (plan.labels().isEmpty()) return null
    val labels = plan.labels()
    return images.manager.create(LongArray(images.shape[0].toInt()) { labels[(first + it) % labels.size].toLong() })
  }

  private companion object {
    const val MOST = 256
    /** Bytes of the network's arrays. */
    const val ENOUGH = 512L shl 20
  }
}
