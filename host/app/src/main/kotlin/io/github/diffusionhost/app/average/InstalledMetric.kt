package io.github.diffusionhost.app.average

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.evaluate.Evaluation
import io.github.diffusionhost.app.evaluate.GeneratedImages
import io.github.diffusionhost.app.evaluate.MetricFollower
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import java.io.PrintStream

/**
 * One number of a metric that a plugin brings, with the same draws each time.
 *
 * @param value which of its numbers; the first if not given
 */
internal class InstalledMetric
private constructor(
  private val bound: BoundMetric<*>,
  private val value: String?,
  private val evaluation: Evaluation,
  private val images: GeneratedImages,
  private val follow: MetricFollower,
) : WeightsMetric {
  override val name = value ?: bound.provider.name()
  override var about = name
    private set

  override fun measure(): Measurement {
    val report = evaluation.run(listOf(bound), images, follow).single().report
    val values = report.values()
    val key = value ?: values.keys.first()
    val found =
      values[key]
        ?: throw UserError(
          "--value $key: ${bound.provider.name()} has ${values.keys.joinToString(", ")}",
          ExitCode.USAGE,
        )
    about = if (key == bound.provider.name()) key else "$key of ${bound.provider.name()}"
    return Measurement(found)
  }

  override fun close() = evaluation.close()

  companion object {
    /**
     * @param samples generated images of metrics that look at them
     * @param value which number; the first if not given
     * @param err where it is told how far the sampling is
     */
    fun source(
      bound: BoundMetric<*>,
      value: String?,
      samples: Int,
      seed: Long,
      follow: MetricFollower,
      err: PrintStream,
    ) = MetricSource { assembly, config, spec, network ->
      val manager: NDManager = network.manager()
      val evaluation = Evaluation(assembly, config, spec, network, manager, seed)
      val images = GeneratedImages(evaluation, samples, err) { assembly.samplePlan(config, spec, network, seed) }
      InstalledMetric(bound, value, evaluation, images, follow)
    }
  }
}
