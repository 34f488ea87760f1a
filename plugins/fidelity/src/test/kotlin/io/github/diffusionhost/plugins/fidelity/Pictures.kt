package io.github.diffusionhost.plugins.fidelity

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import java.nio.ByteBuffer
import java.util.Random

/** Images in memory. */
class Pictures(
  private val shape: ImageShape,
  private val images: List<ByteArray>,
  private val labels: List<Int> = emptyList(),
  private val classes: Int = (labels.maxOrNull() ?: -1) + 1,
) : ImageDataset {
  override fun shape() = shape

  override fun size() = images.size

  override fun classNames() = List(classes) { "class $it" }

  override fun read(index: Int, target: ByteArray, offset: Int) {
    images[index].copyInto(target, offset)
  }

  override fun label(index: Int) = labels[index]

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED

  override fun mapped() = true

  /** Some of them as generated images. */
  fun array(manager: NDManager, from: Int = 0, to: Int = size()): NDArray {
    val bytes = images.subList(from, to).fold(ByteArray(0)) { all, image -> all + image }
    return manager.create(ByteBuffer.wrap(bytes), shape.batch((to - from).toLong()), DataType.UINT8)
  }

  /** The same images in another order. */
  fun shuffled(seed: Int): Pictures {
    val order = images.indices.shuffled(kotlin.random.Random(seed))
    return Pictures(shape, order.map(images::get), order.mapNotNull(labels::getOrNull), classes)
  }

  companion object {
    /** The same images with something added to every pixel. */
    fun brighter(pictures: Pictures, by: Int) =
      Pictures(
        pictures.shape,
        pictures.images.map { image -> ByteArray(image.size) { (image[it].toInt().and(255) + by).toByte() } },
      )

    /** Images of one colour each. */
    fun flat(count: Int, shape: ImageShape) =
      Pictures(shape, List(count) { i -> ByteArray(shape.elements()) { (i * 255 / count).toByte() } })

    /** Noise with a bright or dark half, which is the label. */
    fun halves(count: Int, seed: Long, shape: ImageShape = ImageShape(1, 8, 8)): Pictures {
      val random = Random(seed)
      val labels = List(count) { random.nextInt(2) }
      val images = labels.map { label ->
        ByteArray(shape.elements()) { i ->
          val left = i % shape.width() < shape.width() / 2
          (random.nextInt(80) + if (left == (label == 0)) 120 else 10).toByte()
        }
      }
      return Pictures(shape, images, labels)
    }
  }
}
