package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.InMemoryDataset
import io.github.diffusionhost.engine.image.ImageFilesDataset

/**
 * The images that metrics compare with; each split is opened when it is first asked for.
 *
 * @param spec the images that the network was trained on; null: any will do
 */
internal class ReferenceImages(private val spec: ImageSpec?, private val open: (Split) -> ImageDataset) :
  AutoCloseable {
  private val opened = mutableMapOf<Split, ImageDataset>()

  operator fun get(split: Split): ImageDataset =
    opened.getOrPut(split) {
      val dataset = resident(open(split))
      if (spec == null) dataset else fitting(dataset, spec)
    }

  /** In memory, as long as there is plenty of it. */
  private fun resident(dataset: ImageDataset): ImageDataset {
    val bytes = dataset.size().toLong() * dataset.shape().elements()
    // A dataset that says nothing of the order it is read in wants to be read once, from the first image to the last.
    val anyOrder = dataset is ImageFilesDataset
    return if (anyOrder && bytes > Runtime.getRuntime().maxMemory() / SHARE) dataset
    else InMemoryDataset.unlessMapped(dataset)
  }

  private fun fitting(dataset: ImageDataset, spec: ImageSpec): ImageDataset {
    if (dataset.shape() == spec.shape && dataset.normalization() == spec.normalization) return dataset
    val pixels = { shape: Any, mean: Float, std: Float -> "$shape pixels of mean $mean and std $std" }
    val given = dataset.normalization().let { pixels(dataset.shape(), it.mean, it.std) }
    val wanted = spec.normalization.let { pixels(spec.shape, it.mean, it.std) }
    dataset.close()
    throw UserError("dataset: its images have $given, and the network was trained on $wanted", ExitCode.USAGE)
  }

  override fun close() = opened.values.forEach(ImageDataset::close)

  private companion object {
    const val SHARE = 4
  }
}
