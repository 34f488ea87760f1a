package io.github.diffusionhost.app.cli.measure

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

/** Counts what it is given, and spoils it. */
private class SpoilingMetric(private val counting: CountingMetric = CountingMetric("spoiling")) :
  MetricProvider<CountingOptions> by counting {
  override fun create(options: CountingOptions, context: MetricContext): Metric {
    val metric = counting.create(options, context)
    return object : Metric by metric {
      override fun samples(requested: Int) = metric.samples(requested)

      override fun close() = metric.close()

      override fun add(images: NDArray, labels: NDArray?) {
        metric.add(images, labels)
        images.muli(0)
        images.close()
        labels?.muli(0)
        labels?.close()
      }
    }
  }
}

/** Metrics of one evaluation, each of which is given the images as if it were alone. */
class MetricsApartSpec :
  FunSpec({
    test("a metric that changes and closes its images and labels has no part in what another one finds") {
      val folder = tempdir().toPath()
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      inProcess("run", "--config", "$config", "--run-dir", "$folder/run", "--set", "train.steps=2").exit shouldBe 0
      val counting = CountingMetric()
      fun batches(vararg metrics: String): List<List<Byte>> {
        val evaluate = arrayOf("evaluate", "--checkpoint", "$folder/run", "--count", "5")
        val names = metrics.joinToString(",")
        val ended = inProcess(*evaluate, "--metrics", names, more = listOf(counting, SpoilingMetric()))
        withClue(ended.err) { ended.exit shouldBe 0 }
        return counting.batches.toList()
      }
      val alone = batches("counting")
      (alone.flatten().toSet().size > 1) shouldBe true
      batches("spoiling", "counting") shouldBe alone
    }
  })
