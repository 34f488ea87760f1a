package io.github.diffusionhost.app.average

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.warnOfImitatedPrecision
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.posthoc.PosthocEma
import io.github.diffusionhost.engine.posthoc.Reconstruction

/** Measures averages of several widths, each made from snapshots in memory. */
internal class CompareWidths(
  private val assembly: RunAssembly,
  private val config: RunConfig,
  private val snapshots: Reconstruction,
) {
  private val state = snapshots.last().state()

  /**
   * Measures every width.
   *
   * @param source makes the metric
   * @param best which value of it is best
   * @param say told of each point, with how it was made
   */
  fun by(
    source: MetricSource,
    widths: List<Double>,
    best: Best,
    say: (WidthCurve.Point, PosthocEma) -> Unit,
  ): WidthCurve {
    // Before anything is opened: a width that cannot be had is a matter of a moment.
    val solutions = widths.distinct().sorted().associateWith { snapshots.solveOrExplain(it) }
    val spec = ImageSpec.of(state)
    NDManager.newBaseManager(deviceOf(config.device, config.train.matmul()), "PyTorch").use { manager ->
      warnOfImitatedPrecision(config.train, manager)
      assembly.network(config, spec, manager).use { network ->
        source.open(assembly, config, spec, network).use { metric ->
          val points = solutions.map { (width, ema) ->
            manager.newSubManager().use { network.weights().load(snapshots.weights(ema, it)) }
            point(width, ema, metric).also { say(it, ema) }
          }
          return WidthCurve(state.step(), state.images(), metric.name, metric.about, points, best)
        }
      }
    }
  }

  private fun point(width: Double, ema: PosthocEma, metric: WeightsMetric): WidthCurve.Point {
    val found = metric.measure()
    if (!found.value.isFinite()) {
      throw UserError("width ${realText(width)}: its ${metric.name} is ${found.value}, which no plot can show")
    }
    return WidthCurve.Point(width, found.value, ema.distance(), found.byLevel)
  }
}
