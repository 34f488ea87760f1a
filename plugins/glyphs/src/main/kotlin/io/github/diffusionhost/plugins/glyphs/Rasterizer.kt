package io.github.diffusionhost.plugins.glyphs

import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.sqrt

/**
 * Draws strokes with a round pen: a pixel's ink falls linearly from 255 to 0 over the one pixel around the pen's edge.
 * Only sums, products, divisions and square roots, which are the same on every machine.
 *
 * @param size the image's edge in pixels
 */
internal class Rasterizer(private val size: Int) {
  private val squaredDistance = DoubleArray(size * size)

  /** Writes size·size bytes from [offset] on, row by row; coordinates and [radius] in units of the edge. */
  fun draw(strokes: List<Stroke>, radius: Double, target: ByteArray, offset: Int) {
    val reach = radius * size + 0.5
    squaredDistance.fill(reach * reach)
    for (stroke in strokes) {
      val p = stroke.points
      for (i in 0 until p.size - 2 step 2) {
        segment(p[i] * size, p[i + 1] * size, p[i + 2] * size, p[i + 3] * size, reach)
      }
    }
    for (i in squaredDistance.indices) {
      val ink = (reach - sqrt(squaredDistance[i])).coerceIn(0.0, 1.0)
      target[offset + i] = (ink * 255 + 0.5).toInt().toByte()
    }
  }

  private fun segment(x0: Double, y0: Double, x1: Double, y1: Double, reach: Double) {
    val dx = x1 - x0
    val dy = y1 - y0
    val scale = 1 / maxOf(dx * dx + dy * dy, 1e-12)
    for (row in pixels(minOf(y0, y1) - reach, maxOf(y0, y1) + reach)) {
      val py = row + 0.5 - y0
      for (column in pixels(minOf(x0, x1) - reach, maxOf(x0, x1) + reach)) {
        val px = column + 0.5 - x0
        val along = ((px * dx + py * dy) * scale).coerceIn(0.0, 1.0)
        val ex = px - along * dx
        val ey = py - along * dy
        val squared = ex * ex + ey * ey
        val at = row * size + column
        if (squared < squaredDistance[at]) {
          squaredDistance[at] = squared
        }
      }
    }
  }

  /** The pixels whose centres lie between two coordinates, inside the image. */
  private fun pixels(from: Double, to: Double): IntRange =
    maxOf(0, ceil(from - 0.5).toInt())..minOf(size - 1, floor(to - 0.5).toInt())
}
