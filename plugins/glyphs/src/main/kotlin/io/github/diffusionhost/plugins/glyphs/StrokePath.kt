package io.github.diffusionhost.plugins.glyphs

/** A line drawn without lifting the pen, as points x0, y0, x1, y1, …; y grows downwards. */
internal class Stroke(val points: DoubleArray)

/**
 * Strokes written as in SVG: `M x y` begins a stroke, `L x y` draws a straight line, `C x1 y1 x2 y2 x y` a cubic Bézier
 * curve. Coordinates are absolute.
 */
internal object StrokePath {
  private const val STEPS_PER_CURVE = 10

  fun parse(path: String): List<Stroke> {
    val words = path.trim().split(Regex("\\s+")).iterator()
    val strokes = mutableListOf<MutableList<Double>>()
    fun numbers(count: Int) = DoubleArray(count) { words.next().toDouble() }
    while (words.hasNext()) {
      when (val command = words.next()) {
        "M" -> strokes += numbers(2).toMutableList()
        "L" -> strokes.last() += numbers(2).asList()
        "C" -> strokes.last().curve(numbers(6))
        else -> error("'$command' is no command of a stroke path: $path")
      }
    }
    return strokes.map { Stroke(it.toDoubleArray()) }
  }

  private fun MutableList<Double>.curve(c: DoubleArray) {
    val (x0, y0) = takeLast(2)
    for (step in 1..STEPS_PER_CURVE) {
      val t = step.toDouble() / STEPS_PER_CURVE
      add(bezier(x0, c[0], c[2], c[4], t))
      add(bezier(y0, c[1], c[3], c[5], t))
    }
  }

  private fun bezier(a: Double, b: Double, c: Double, d: Double, t: Double): Double {
    val s = 1 - t
    return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d
  }
}
