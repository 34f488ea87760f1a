package io.github.diffusionhost.app.average

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThanOrEqual
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import javax.xml.parsers.DocumentBuilderFactory
import org.w3c.dom.Element

private fun curve(vararg points: Pair<Double, Double>) =
  WidthCurve(1000, 16_000, "loss", "loss on 64 images", points.map { WidthCurve.Point(it.first, it.second, 0.0) })

class WidthPlotSpec :
  FunSpec({
    test("ticks are round and enclose what is shown") {
      Axis.of(listOf(0.02, 0.15)).let { axis ->
        axis.ticks.zip(listOf(0.0, 0.05, 0.1, 0.15)) { a, b -> a shouldBe (b plusOrMinus 1e-12) }
        axis.ticks.map(axis::text) shouldContainExactly listOf("0.00", "0.05", "0.10", "0.15")
      }
      Axis.of(listOf(-3.0, 812.0)).let { axis ->
        axis.ticks.map(axis::text) shouldContainExactly listOf("-200", "0", "200", "400", "600", "800", "1000")
      }
      for (values in listOf(listOf(0.5, 0.5), listOf(0.0, 0.0), listOf(-1e-7, 3e-7), listOf(1e6, 1e6 + 1))) {
        withClue("$values") {
          val axis = Axis.of(values)
          axis.ticks.size.toDouble() shouldBeLessThanOrEqual 8.0
          axis.ticks.first() shouldBeLessThanOrEqual values.min()
          axis.ticks.last() shouldBeGreaterThanOrEqual values.max()
          axis.ticks.map(axis::text).distinct().size shouldBe axis.ticks.size
        }
      }
    }

    test("points lie where their numbers are, inside the axes, and the least is ringed and named") {
      val text = WidthPlot(curve(0.05 to 2.0, 0.1 to 1.0, 0.2 to 4.0)).toSvg()
      val svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(text.byteInputStream())
      fun all(tag: String) =
        svg.getElementsByTagName(tag).let { list -> List(list.length) { list.item(it) as Element } }
      val (dots, rings) = all("circle").partition { it.getAttribute("fill") != "none" }
      fun Element.at() = getAttribute("cx").toDouble() to getAttribute("cy").toDouble()
      val (a, b, c) = dots.map { it.at() }
      rings.single().at() shouldBe b
      // Twice the width is twice the way; a loss of 2 is a third of the way up from 1 to 4.
      (c.first - b.first) shouldBe (2 * (b.first - a.first) plusOrMinus 0.2)
      (b.second - a.second) shouldBe ((b.second - c.second) / 3 plusOrMinus 0.2)
      all("text").map { it.textContent }.filter { it == "0.1: 1.0000" }.size shouldBe 1
      text shouldNotContain "NaN"
    }
  })
