package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.options.Option

/**
 * How many digits are drawn, how large, and how their bytes become pixels: as those of the mnist plugin (recipe R3), so
 * that one dataset stands in for the other in a config.
 */
@JvmRecord
data class GlyphsOptions(
  @all:Option("images of each split, the ten digits in turn", min = 1.0, max = 10_000_000.0) val count: Int,
  @all:Option("edge of an image in pixels", min = 8.0, max = 512.0) val size: Int,
  @all:Option("subtracted from pixels in [0, 1]") val mean: Float = 0.5f,
  @all:Option("the divisor of pixels", min = 1e-6, max = 1e6) val std: Float = 0.3081f,
)
