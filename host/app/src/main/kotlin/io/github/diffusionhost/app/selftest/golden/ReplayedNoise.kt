package io.github.diffusionhost.app.selftest.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.noise.Noise

/** Draws that were made before: each is a copy of the next one, whatever is asked for. */
internal class ReplayedNoise(private vararg val draws: NDArray) : Noise {
  private var next = 0

  override fun normal(shape: Shape): NDArray = next(shape)

  override fun uniform(shape: Shape): NDArray = next(shape)

  private fun next(shape: Shape): NDArray {
    val draw = draws.getOrNull(next++)
    check(draw != null && draw.shape == shape) { "draw $next is of shape $shape, and the recorded one ${draw?.shape}" }
    return draw.duplicate()
  }
}
