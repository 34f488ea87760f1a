package io.github.diffusionhost.app.average

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.levels.EvaluationLoss
import io.github.diffusionhost.engine.levels.LevelSum
import io.github.diffusionhost.engine.network.Network
import java.io.IOException

/**
 * The training loss, without dropout or augmentation, on the same images and draws each time.
 *
 * @param images how many
 * @param split the part of the dataset that they are from
 */
internal class LossMetric
private constructor(
  private val data: TrainingImages,
  private val loss: EvaluationLoss,
  private val images: Int,
  split: String,
) : WeightsMetric {
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

  override fun close() {
    data.close()
    data.dataset().close()
  }

  companion object {
    const val NAME = "loss"

    /** Images of a forward pass. */
    private const val BATCH = 64

    /**
     * @param images how many images
     * @param warn told when there is no test split
     */
    fun source(images: Int, seed: Long, warn: (String) -> Unit) = MetricSource { assembly, config, _, network ->
      val (dataset, split) = dataset(assembly, config, warn)
      open(network, dataset, images, seed, split)
    }

    private fun open(network: Network, dataset: ImageDataset, images: Int, seed: Long, split: String): LossMetric {
      val data = TrainingImages.of(dataset, network.manager())
      return LossMetric(data, EvaluationLoss(network, data, seed), images, split)
    }

    private fun dataset(
      assembly: RunAssembly,
      config: RunConfig,
      warn: (String) -> Unit,
    ): Pair<ImageDataset, String> =
      try {
        assembly.openDataset(config, Split.TEST) to "test"
      } catch (e: IOException) {
        warn("the test split cannot be opened (${e.message}): training images are taken")
        assembly.openDataset(config, Split.TRAIN) to "train"
      }
  }
}
