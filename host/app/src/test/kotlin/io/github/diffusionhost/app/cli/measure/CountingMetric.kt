package io.github.diffusionhost.app.cli.measure

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.options.Option

@JvmRecord
data class CountingOptions(
  @all:Option("at most so many images", min = 1.0) val most: Int,
  @all:Option("whether there is no result") val fail: Boolean,
)

/** Counts what it is given. */
class CountingMetric(private val name: String = "counting") : MetricProvider<CountingOptions> {
  /** The bytes of every batch, of the last evaluation. */
  val batches = mutableListOf<List<Byte>>()
  var created = 0
  var closed = 0

  override fun name() = name

  override fun summary() = "counts images"

  override fun defaults() = CountingOptions(1000, false)

  override fun create(options: CountingOptions, context: MetricContext): Metric {
    batches.clear()
    created++
    return object : Metric {
      private val labels = mutableListOf<Long>()

      override fun samples(requested: Int) = minOf(requested, options.most)

      override fun add(images: NDArray, labels: NDArray?) {
        check(images.dataType.toString() == "uint8" && images.shape[1] == 1L)
        batches += images.toByteArray().toList()
        labels?.let { this.labels += it.toLongArray().toList() }
      }

      override fun report(): MetricReport {
        check(!options.fail) { "nothing to count; take other images" }
        val test = context.reference(Split.TEST)
        val values = mapOf("labels" to labels.size.toDouble(), "distinct" to labels.toSet().size.toDouble())
        val figure = MetricReport.Figure("dot", "a dot", byteArrayOf(1, 2, 3))
        return MetricReport(values, listOf(figure), mapOf("test images" to "${test.size()}"))
      }

      override fun close() {
        closed++
      }
    }
  }
}
