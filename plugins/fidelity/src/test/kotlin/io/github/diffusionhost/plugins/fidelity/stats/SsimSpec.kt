package io.github.diffusionhost.plugins.fidelity.stats

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.log10
import kotlin.math.sqrt

private class Image(val channels: Int, val edge: Int, val pixels: FloatArray) {
  /** Continued by reflection beyond the edges. */
  fun at(c: Int, y: Int, x: Int): Double {
    fun inside(i: Int) = if (i < 0) -i else if (i >= edge) 2 * (edge - 1) - i else i
    return pixels[(c * edge + inside(y)) * edge + inside(x)].toDouble()
  }
}

/** Window by window, each weighted mean, variance and covariance by its definition. */
private fun ssim(a: Image, b: Image, range: Double): Double {
  val weight = { y: Int, x: Int -> exp(-(y * y + x * x) / (2 * 1.5 * 1.5)) }
  val total = (-5..5).sumOf { y -> (-5..5).sumOf { x -> weight(y, x) } }
  val (c1, c2) = (0.01 * range).let { it * it } to (0.03 * range).let { it * it }
  var sum = 0.0
  for (c in 0 until a.channels) for (y in 0 until a.edge) for (x in 0 until a.edge) {
    fun mean(value: (Int, Int) -> Double) =
      (-5..5).sumOf { dy -> (-5..5).sumOf { dx -> weight(dy, dx) / total * value(y + dy, x + dx) } }
    val meanA = mean { i, j -> a.at(c, i, j) }
    val meanB = mean { i, j -> b.at(c, i, j) }
    val varianceA = mean { i, j -> (a.at(c, i, j) - meanA).let { it * it } }
    val varianceB = mean { i, j -> (b.at(c, i, j) - meanB).let { it * it } }
    val covariance = mean { i, j -> (a.at(c, i, j) - meanA) * (b.at(c, i, j) - meanB) }
    sum +=
      (2 * meanA * meanB + c1) * (2 * covariance + c2) /
        ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2))
  }
  return sum / (a.channels * a.edge * a.edge)
}

/** Errors of pixels against their definitions. */
class SsimSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun images(count: Int, channels: Int, edge: Int, seed: Long): List<Image> {
      val random = Random(seed)
      return List(count) { Image(channels, edge, FloatArray(channels * edge * edge) { random.nextFloat() }) }
    }

    fun array(images: List<Image>): NDArray =
      manager.create(
        images.flatMap { it.pixels.toList() }.toFloatArray(),
        Shape(images.size.toLong(), images[0].channels.toLong(), images[0].edge.toLong(), images[0].edge.toLong()),
      )

    fun errors(a: List<Image>, b: List<Image>) = PixelError(1.0).apply { add(array(a), array(b)) }

    for ((channels, edge) in listOf(1 to 6, 1 to 13, 3 to 9)) {
      test("SSIM is that of a loop over windows, ${channels}x${edge}x$edge") {
        val a = images(2, channels, edge, 1)
        val b =
          images(2, channels, edge, 2).zip(a) { n, i ->
            Image(channels, edge, FloatArray(i.pixels.size) { (n.pixels[it] + 2 * i.pixels[it]) / 3 })
          }
        val found = Ssim.of(array(a), array(b), 1.0).toDoubleArray()
        for (i in 0..1) found[i] shouldBe (ssim(a[i], b[i], 1.0) plusOrMinus 1e-9)
        Ssim.of(array(b), array(a), 1.0).toDoubleArray().forEachIndexed { i, it ->
          it shouldBe (found[i] plusOrMinus 1e-12)
        }
      }
    }

    test("images of one grey each are as similar as their greys") {
      val flat = { grey: Float -> Image(1, 8, FloatArray(64) { grey }) }
      val expected = (2 * 0.25 * 0.75 + 1e-4) / (0.25 * 0.25 + 0.75 * 0.75 + 1e-4)
      Ssim.of(array(listOf(flat(0.25f))), array(listOf(flat(0.75f))), 1.0).getDouble(0) shouldBe
        (expected plusOrMinus 1e-9)
    }

    test("an image is equal to itself: no error, SSIM 1, PSNR without end") {
      val a = images(3, 1, 8, 3)
      val same = errors(a, a)
      same.rmse() shouldBe 0.0
      same.psnr() shouldBe Double.POSITIVE_INFINITY
      same.ssim() shouldBe (1.0 plusOrMinus 1e-12)
    }

    test("RMSE and PSNR are those of a loop over pixels; order, batches and duplicates of pairs do not matter") {
      val a = images(5, 3, 7, 4)
      val b = images(5, 3, 7, 5)
      val squares =
        a.zip(b).flatMap { (x, y) ->
          x.pixels.indices.map { (x.pixels[it].toDouble() - y.pixels[it]).let { d -> d * d } }
        }
      val expected = errors(a, b)
      expected.rmse() shouldBe (sqrt(squares.average()) plusOrMinus 1e-12)
      expected.psnr() shouldBe (-10 * log10(squares.average()) plusOrMinus 1e-9)
      val others =
        listOf(
          errors(a.reversed(), b.reversed()),
          errors(a + a, b + b),
          errors(b, a),
          PixelError(1.0).apply { a.indices.forEach { add(array(a.slice(it..it)), array(b.slice(it..it))) } },
        )
      for (other in others) {
        abs(other.rmse() - expected.rmse()) shouldBe (0.0 plusOrMinus 1e-12)
        abs(other.ssim() - expected.ssim()) shouldBe (0.0 plusOrMinus 1e-12)
      }
    }

    test("images smaller than half the window are refused") {
      shouldThrow<IllegalArgumentException> { errors(images(1, 1, 5, 1), images(1, 1, 5, 2)) }.message!! shouldContain
        "SSIM needs images of at least 6x6 pixels, and these are 5x5"
    }
  })
