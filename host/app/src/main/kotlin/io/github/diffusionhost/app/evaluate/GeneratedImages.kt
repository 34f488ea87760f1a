package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.app.config.realText
import io.github.diffusionhost.app.run.SampleBatches
import io.github.diffusionhost.app.run.SampleSink
import io.github.diffusionhost.app.run.memoryToUse
import io.github.diffusionhost.engine.sample.SamplePlan

/**
 * The images that metrics look at: generated once, as many as the metric that wants most.
 *
 * @param asked how many, if somebody said; else what each metric's section says
 * @param plan what to sample; asked for when an image is wanted
 */
class GeneratedImages(
  private val evaluation: Evaluation,
  private val asked: Int?,
  private val plan: () -> SamplePlan,
) {
  private val subject = evaluation.network()

  internal fun feed(metrics: List<RunningMetric>) {
    val wanted = metrics.associateWith { it.wanted(asked) }
    val total = wanted.values.maxOrNull() ?: 0
    if (total == 0) return
    val plan = plan()
    wanted.filterValues { it > 0 }.forEach { (metric, count) -> metric.sampledBy(protocol(plan, count)) }
    val generator = subject.generator
    val most = generator.batch(plan, memoryToUse(evaluation.manager.device), MOST)
    SampleBatches(generator, plan, subject.network.weights(), subject.spec, null)
      .run(total, most, Feed(wanted, plan.labels()), null)
  }

  private fun protocol(plan: SamplePlan, count: Int) =
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

  /** Gives every batch to the metrics that want more images. */
  private class Feed(private val wanted: Map<RunningMetric, Int>, private val labels: List<Int>) : SampleSink {
    private var seen = 0

    override fun add(samples: NDArray, images: NDArray) {
      val count = images.shape[0].toInt()
      for ((metric, all) in wanted) {
        val some = minOf(count, all - seen)
        if (some > 0) metric.inside { add(if (some == count) images else images.get("0:$some"), labels(images, some)) }
      }
      seen += count
    }

    private fun labels(images: NDArray, count: Int): NDArray? {
      if (labels.isEmpty()) return null
      return images.manager.create(LongArray(count) { labels[(seen + it) % labels.size].toLong() })
    }
  }

  private companion object {
    const val MOST = 256
  }
}
