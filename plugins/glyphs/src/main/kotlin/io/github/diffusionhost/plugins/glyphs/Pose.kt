package io.github.diffusionhost.plugins.glyphs

/**
 * How one digit is written: bent by a smooth quadratic field (the wobble of a hand), slanted, stretched, turned, scaled
 * and shifted. Lengths are in units of the image's edge.
 *
 * @property radius half the stroke's thickness
 */
internal class Pose(
  private val bend: DoubleArray,
  private val slant: Double,
  private val width: Double,
  private val height: Double,
  private val turn: Double,
  private val shiftX: Double,
  private val shiftY: Double,
  val radius: Double,
) {
  /** Strokes in a box of 70 × 100 to points in an image of edge 1, the digit's extent around the middle. */
  fun place(strokes: List<Stroke>): List<Stroke> {
    val placed = strokes.map { Stroke(it.points.copyOf()) }
    // StrictMath: the same digits on every machine.
    val sin = StrictMath.sin(turn)
    val cos = StrictMath.cos(turn)
    val extent = Extent()
    for (stroke in placed) {
      val points = stroke.points
      for (i in points.indices step 2) {
        val u = (points[i] - 35) / 50
        val v = (points[i + 1] - 50) / 50
        val x = width * (u + bend[0] * v * v + bend[1] * u * v - slant * v)
        val y = height * (v + bend[2] * u * u + bend[3] * u * v)
        points[i] = cos * x - sin * y
        points[i + 1] = sin * x + cos * y
        extent.add(points[i], points[i + 1])
      }
    }
    val dx = 0.5 + shiftX - extent.middleX
    val dy = 0.5 + shiftY - extent.middleY
    for (stroke in placed) {
      for (i in stroke.points.indices step 2) {
        stroke.points[i] += dx
        stroke.points[i + 1] += dy
      }
    }
    return placed
  }

  private class Extent {
    private var left = Double.POSITIVE_INFINITY
    private var right = Double.NEGATIVE_INFINITY
    private var top = Double.POSITIVE_INFINITY
    private var bottom = Double.NEGATIVE_INFINITY

    val middleX
      get() = (left + right) / 2

    val middleY
      get() = (top + bottom) / 2

    fun add(x: Double, y: Double) {
      left = minOf(left, x)
      right = maxOf(right, x)
      top = minOf(top, y)
      bottom = maxOf(bottom, y)
    }
  }

  companion object {
    /** Half of a digit's height without its stroke: 18 of 28 pixels high, 20 with a middling stroke. */
    private const val HALF_HEIGHT = 9.0 / 28

    /** A moderate hand. */
    fun draw(draws: Draws): Pose {
      val scale = HALF_HEIGHT * draws.between(0.92, 1.06)
      return Pose(
        bend = doubleArrayOf(draws.around0(0.12), draws.around0(0.12), draws.around0(0.10), draws.around0(0.10)),
        slant = 0.08 + draws.around0(0.25),
        width = scale * draws.between(0.85, 1.08),
        height = scale,
        turn = draws.around0(0.20),
        shiftX = draws.around0(1.5 / 28),
        shiftY = draws.around0(1.5 / 28),
        radius = draws.between(0.85, 1.4) / 28,
      )
    }
  }
}
