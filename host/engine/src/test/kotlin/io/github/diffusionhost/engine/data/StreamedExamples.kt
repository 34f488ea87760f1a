package io.github.diffusionhost.engine.data

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import ai.djl.training.initializer.Initializer
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.engine.support.CountingDataset
import java.io.IOException

/** The same images, mapped. */
internal class Mapped(private val dataset: ImageDataset) : ImageDataset by dataset {
  override fun mapped() = true

  override fun augment(images: NDArray, noise: Noise) = dataset.augment(images, noise)
}

/** More images than any machine's memory holds; their bytes follow from the index. */
internal class Endless(private val count: Int, private val classes: Int) : ImageDataset {
  @Volatile
  var reads = 0L
    private set

  override fun shape() = WIDE

  override fun size() = count

  override fun classNames() = List(classes) { "$it" }

  override fun read(index: Int, target: ByteArray, offset: Int) {
    reads++
    for (i in 0 until WIDE.elements()) target[offset + i] = (index * 31 + i * 7).toByte()
  }

  override fun label(index: Int) = index % classes

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED

  override fun mapped() = true
}

internal val WIDE = ImageShape(3, 64, 64)

/** One weight for images of any size. */
internal class ScaleDenoiser : Denoiser() {
  private val scale = parameter("scale", Parameter.Type.WEIGHT, Initializer.ONES, Shape(1))

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    x.mul(pass.value(scale, x))
}

/** The image at an index cannot be read. */
internal class Broken(private val at: Int, private val mapped: Boolean = true) : ImageDataset by CountingDataset(40) {
  override fun mapped() = mapped

  override fun read(index: Int, target: ByteArray, offset: Int) {
    if (index == at) throw IOException("image $at is broken")
  }
}
