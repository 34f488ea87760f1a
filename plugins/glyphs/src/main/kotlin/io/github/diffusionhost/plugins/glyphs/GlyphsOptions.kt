package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.options.Option

/** How many digits are drawn, and how large. */
@JvmRecord
data class GlyphsOptions(
  @all:Option("images of each split, the ten digits in turn", min = 1.0, max = 10_000_000.0) val count: Int,
  @all:Option("edge of an image in pixels", min = 8.0, max = 512.0) val size: Int,
)
