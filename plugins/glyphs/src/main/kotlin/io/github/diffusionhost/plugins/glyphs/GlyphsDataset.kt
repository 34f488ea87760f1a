package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.Split

/**
 * White digits on black; image i shows the digit `i mod 10` and follows from (seed, split, i) alone, bit for bit the
 * same on every machine.
 */
internal class GlyphsDataset(private val options: GlyphsOptions, private val seed: Long, private val split: Split) :
  ImageDataset {
  private val rasterizer = Rasterizer(options.size)

  override fun shape(): ImageShape = ImageShape(1, options.size, options.size)

  override fun size(): Int = options.count

  override fun classNames(): List<String> = (0 until DIGITS).map(Int::toString)

  override fun label(index: Int): Int = index % DIGITS

  override fun normalization(): PixelNormalization = PixelNormalization(options.mean, options.std)

  override fun read(index: Int, target: ByteArray, offset: Int) {
    val draws = Draws(seed, split, index)
    val variants = DigitShapes.VARIANTS[label(index)]
    val strokes = variants[draws.below(variants.size)]
    val pose = Pose.draw(draws)
    rasterizer.draw(pose.place(strokes), pose.radius, target, offset)
  }

  private companion object {
    const val DIGITS = 10
  }
}
