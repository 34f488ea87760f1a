package io.github.diffusionhost.app.selftest.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.engine.batch.BatchSource
import io.github.diffusionhost.engine.batch.StepInputs

/**
 * Recorded batches, one after the other.
 *
 * @param all the images of all steps as the network sees them, [steps·N,C,H,W]
 * @param labels those of a step, [N] int64; null: the images have none
 * @param draws of a step
 */
internal class ReplayedBatches(
  private val all: NDArray,
  private val labels: ((step: Long) -> NDArray)?,
  private val draws: (step: Long) -> Noise,
) : BatchSource {
  override fun shape() = imageShape(all)

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = all

  override fun labelled() = labels != null

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
    val indices = all.manager.arange(0, count, 1, DataType.INT64).add(step * batchSize + first)
    return StepInputs(indices, labels?.invoke(step), ReplayedNoise(), draws(step))
  }
}

/** The shape of each of some images [N,C,H,W]. */
internal fun imageShape(images: NDArray) = images.shape.let { ImageShape(it[1].toInt(), it[2].toInt(), it[3].toInt()) }
