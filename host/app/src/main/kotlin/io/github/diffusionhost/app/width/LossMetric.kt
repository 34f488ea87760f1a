package io.github.diffusionhost.app.width

import io.github.diffusionhost.app.run.count
import io.github.diffusionhost.engine.train.EvaluationLoss
import io.github.diffusionhost.engine.train.LevelSum

/**
 * The training loss, without dropout or augmentation, on the same images and draws each time.
 *
 * @param images how many
 * @param split the part of the dataset that they are from
 */
internal class LossMetric(private val loss: EvaluationLoss, private val images: Int, split: String) : WeightsMetric {
  override val name = NAME
  override val about = "loss on ${count(images.toLong())} images of the $split split"

  override fun measure(): Measurement {
    val sums = loss.of(images, minOf(images, BATCH))
    val levels = sums.withIndex().filter { it.value.images > 0 }
    return Measurement(
      sums.reduce(LevelSum::plus).meanLoss(),
      levels.associate { (bin, sum) -> loss.bins().name(bin) to sum.meanLoss() },
    )
  }

  companion object {
    const val NAME = "loss"

    /** Images of a forward pass. */
    private const val BATCH = 64
  }
}
