package io.github.diffusionhost.app.average

import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.words.count
import java.util.Locale
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.pow

/** Draws a curve as an SVG picture of greys and one blue, which show on white and on black. */
internal class WidthPlot(private val curve: WidthCurve) {
  private val x = Axis.of(curve.points.map { it.width })
  private val y = Axis.of(curve.points.map { it.value })
  private val text = StringBuilder()

  fun toSvg(): String {
    text.append(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 $WIDTH $HEIGHT\" font-family=\"sans-serif\" " +
        "font-size=\"13\" fill=\"#808080\">\n"
    )
    label(WIDTH / 2.0, 22.0, "middle", "${curve.about}, after ${count(curve.step)} steps", "font-size=\"15\"")
    axes()
    val line = curve.points.joinToString(" ") { "${px(it.width)},${py(it.value)}" }
    text.append("<polyline points=\"$line\" fill=\"none\" stroke=\"$BLUE\" stroke-width=\"2\"/>\n")
    for (point in curve.points) dot(point, 3.5, "fill=\"$BLUE\"")
    best()
    return text.append("</svg>\n").toString()
  }

  private fun axes() {
    for (tick in y.ticks) {
      line(LEFT, py(tick), RIGHT, py(tick), "stroke-opacity=\"0.3\"")
      label(LEFT - 8, (py(tick).toDouble() + 4.5), "end", y.text(tick))
    }
    for (tick in x.ticks) {
      line(px(tick).toDouble(), BOTTOM.toString(), px(tick).toDouble(), (BOTTOM + 5).toString(), "")
      label(px(tick).toDouble(), BOTTOM + 20, "middle", x.text(tick))
    }
    line(LEFT, BOTTOM.toString(), RIGHT, BOTTOM.toString(), "")
    label((LEFT + RIGHT) / 2, BOTTOM + 42, "middle", "relative width of the average")
  }

  private fun best() {
    val best = curve.best
    dot(best, 7.0, "fill=\"none\" stroke=\"$BLUE\" stroke-width=\"2\"")
    val x = px(best.width).toDouble()
    val y = py(best.value).toDouble()
    // Beyond the best point there is no curve, but there may be the axis.
    val below = curve.bestIs == Best.LEAST && y + 24 < BOTTOM - 6
    val anchor = if (x < LEFT + 60) "start" else if (x > RIGHT - 60) "end" else "middle"
    label(x, if (below) y + 24 else y - 16, anchor, "${realText(best.width)}: ${best.shown}", "fill=\"$BLUE\"")
  }

  private fun dot(point: WidthCurve.Point, radius: Double, style: String) {
    text.append("<circle cx=\"${px(point.width)}\" cy=\"${py(point.value)}\" r=\"$radius\" $style/>\n")
  }

  private fun line(x1: Double, y1: String, x2: Double, y2: String, style: String) {
    text.append("<line x1=\"$x1\" y1=\"$y1\" x2=\"$x2\" y2=\"$y2\" stroke=\"#808080\" $style/>\n")
  }

  private fun label(x: Double, y: Double, anchor: String, words: String, style: String = "") {
    text.append("<text x=\"$x\" y=\"$y\" text-anchor=\"$anchor\" $style>$words</text>\n")
  }

  private fun px(width: Double) = at(LEFT + x.share(width) * (RIGHT - LEFT))

  private fun py(value: Double) = at(BOTTOM - y.share(value) * (BOTTOM - TOP))

  private companion object {
    const val WIDTH = 640
    const val HEIGHT = 400
    const val LEFT = 80.0
    const val RIGHT = 615.0
    const val TOP = 45.0
    const val BOTTOM = 340.0
    const val BLUE = "#4a90d9"

    fun at(pixels: Double): String = String.format(Locale.ROOT, "%.1f", pixels)
  }
}

/**
 * Ticks at round numbers that enclose some values.
 *
 * @property ticks ascending
 */
internal class Axis private constructor(private val step: Double, val ticks: List<Double>) {
  /** Where a value lies between the first tick and the last. */
  fun share(value: Double) = (value - ticks.first()) / (ticks.last() - ticks.first())

  /** A tick with the digits that tell it from its neighbours. */
  fun text(tick: Double): String {
    val decimals = maxOf(0, -floor(log10(step) + 1e-9).toInt())
    return String.format(Locale.ROOT, "%.${decimals}f", tick)
  }

  companion object {
    private const val INTERVALS = 5.0

    fun of(values: List<Double>): Axis {
      val low = values.min()
      val high = values.max()
      val range = if (high > low) high - low else maxOf(abs(high) / 10, 1e-9)
      val power = 10.0.pow(floor(log10(range / INTERVALS)))
      val step = listOf(1.0, 2.0, 5.0, 10.0).map { it * power }.first { range / it <= INTERVALS }
      val first = floor(low / step + 1e-9)
      val last = maxOf(first + 1, ceil(high / step - 1e-9))
      return Axis(step, (0..(last - first).toInt()).map { (first + it) * step })
    }
  }
}
