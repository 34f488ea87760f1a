package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.metric.ResumableMetric
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.contract.Returned
import java.io.DataInput
import java.io.DataOutput
import java.io.IOException

/**
 * A metric that was started.
 *
 * @param scope of the metric's arrays; closed after it
 */
class RunningMetric internal constructor(val bound: BoundMetric<*>, val metric: Metric, private val scope: NDManager) :
  AutoCloseable {
  private var seconds = 0.0
  private var sampling = emptyMap<String, String>()

  /** Its name. */
  val name: String = bound.provider.name()

  /** Whether it can go on in another process. */
  val resumable: Boolean
    get() = metric is ResumableMetric

  /** Says what the images are that the metric is given; part of its protocol. */
  fun sampledBy(how: Map<String, String>) {
    sampling = how
  }

  /** How many images it wants of those that were asked for. */
  fun wanted(asked: Int?): Int {
    val wanted = inside("samples") { samples(asked ?: bound.samples) }
    if (wanted < 0) throw Returned(metric, "samples").wrong("it returned $wanted, which must not be negative")
    return wanted
  }

  /** Takes images that are the metric's alone: what it does to them, no other metric sees. */
  internal fun add(images: NDArray, labels: NDArray?) {
    images.duplicate().use { own ->
      val ownLabels = labels?.duplicate()
      ownLabels.use { inside("add") { add(own, ownLabels) } }
    }
  }

  /** Calls the metric and counts the time. */
  private fun <T : Any> inside(name: String, call: Metric.() -> T): T {
    val start = System.nanoTime()
    try {
      return Returned(metric, name).of<T, IOException> { metric.call() }
    } catch (e: IllegalStateException) {
      throw UserError("metric ${this.name}: ${e.message}", ExitCode.FAILED, e)
    } finally {
      seconds += (System.nanoTime() - start) / 1e9
    }
  }

  /** Writes what a [resumable] one has taken in. */
  internal fun save(out: DataOutput) {
    out.writeUTF(name)
    out.writeDouble(seconds)
    inPluginOf(metric) { (metric as ResumableMetric).save(out) }
    out.writeUTF(END)
  }

  /** @throws IOException if this is not what [save] wrote */
  internal fun restore(input: DataInput) {
    if (input.readUTF() != name) throw IOException("it is of other metrics")
    val before = input.readDouble()
    try {
      inPluginOf(metric) { (metric as ResumableMetric).restore(input) }
    } catch (e: RuntimeException) {
      throw IOException("metric $name: ${e.message ?: e}", e)
    }
    if (input.readUTF() != END) throw IOException("metric $name has not read all that it wrote")
    seconds += before
  }

  internal fun report(): Evaluated {
    val found = inside("report") { report() }
    if (found.values().isEmpty() && found.figures().isEmpty()) {
      throw Returned(metric, "report").wrong("it returned neither a number nor a figure")
    }
    val report = MetricReport(found.values(), found.figures(), found.protocol() + sampling)
    return Evaluated(name, report, seconds)
  }

  override fun close() = scope.use { inPluginOf(metric) { metric.close() } }

  private companion object {
    const val END = "end"
  }
}
