package io.github.diffusionhost.app.width

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.realText
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.solveOrExplain
import io.github.diffusionhost.engine.average.PosthocEma
import io.github.diffusionhost.engine.average.Reconstruction
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.run.ImageSpec
import io.github.diffusionhost.engine.train.EvaluationLoss
import java.io.IOException

/** Measures averages of several widths, each made from snapshots in memory. */
internal class CompareWidths(
  private val assembly: RunAssembly,
  private val config: RunConfig,
  private val snapshots: Reconstruction,
) {
  private val state = snapshots.last().state()

  /**
   * Measures every width by the loss.
   *
   * @param images how many images
   * @param say told of each point, with how it was made
   * @param warn told when there is no test split
   */
  fun byLoss(
    widths: List<Double>,
    images: Int,
    seed: Long,
    say: (WidthCurve.Point, PosthocEma) -> Unit,
    warn: (String) -> Unit,
  ): WidthCurve {
    // Before anything is opened: a width that cannot be had is a matter of a moment.
    val solutions = widths.distinct().sorted().associateWith { snapshots.solveOrExplain(it) }
    NDManager.newBaseManager(deviceOf(config.device), "PyTorch").use { manager ->
      val (opened, split) = open(warn)
      opened.use { dataset ->
        TrainingImages.of(dataset, manager).use { data ->
          assembly.network(config, ImageSpec.of(state), manager).use { network ->
            val metric = LossMetric(EvaluationLoss(network, data, dataset, seed), images, split)
            val points = solutions.map { (width, ema) ->
              manager.newSubManager().use { network.weights().load(snapshots.weights(ema, it)) }
              point(width, ema, metric).also { say(it, ema) }
            }
            return WidthCurve(state.step(), state.images(), metric.name, metric.about, points)
          }
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

  private fun open(warn: (String) -> Unit): Pair<ImageDataset, String> =
    try {
      assembly.openDataset(config, Split.TEST) to "test"
    } catch (e: IOException) {
      warn("the test split cannot be opened (${e.message}): training images are taken")
      assembly.openDataset(config, Split.TRAIN) to "train"
    }
}
