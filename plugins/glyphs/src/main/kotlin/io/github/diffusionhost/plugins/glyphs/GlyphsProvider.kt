package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset

/** Digits that the program draws itself: no files, no network, any number of images. */
class GlyphsProvider : DatasetProvider<GlyphsOptions> {
  override fun name(): String = "glyphs"

  override fun summary(): String = "digits 0 to 9, drawn from strokes with random pose, slant and thickness"

  override fun defaults(): GlyphsOptions = GlyphsOptions(count = 20_000, size = 28)

  override fun open(options: GlyphsOptions, context: DatasetContext): ImageDataset =
    GlyphsDataset(options, context.seed(), context.split())
}
