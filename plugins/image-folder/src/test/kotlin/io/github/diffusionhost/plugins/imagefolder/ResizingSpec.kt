package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.engine.support.image
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import kotlin.math.PI
import kotlin.math.sin

/** Values worked out by hand from the triangle filter. */
class ResizingSpec :
  FunSpec({
    fun resize(file: ByteArray, size: Int, mode: String): List<Int> =
      open(tempdir().toPath().tree(mapOf("0.png" to file)), "channels" to 1, "size" to size, "resize" to mode).use {
        it.shape() shouldBe ImageShape(1, size, size)
        it.image(0)
      }

    test("halving weighs four pixels 3/7, 3/7, 1/7 at the border") {
      // One row of 4 to 2: the centres are 1 and 3, the triangle reaches 2 pixels: weights 3/4, 3/4, 1/4 over their
      // sum.
      // Stretching the single row to 2 gives that row twice. 7 · (3, 3, 1)/7 of (70, 0, 140, 210): (210+0+140)/7 = 50
      // and
      // (0 + 3 · 140 + 3 · 210)/7 = 150.
      resize(grey(4, 1, 70, 0, 140, 210), 2, "stretch") shouldContainExactly listOf(50, 150, 50, 150)
    }

    test("enlarging interpolates linearly between pixel centres") {
      // 2 to 4: centres at 0.25, 0.75, 1.25, 1.75 between pixels at 0.5 and 1.5.
      resize(grey(2, 1, 0, 200), 4, "stretch").take(4) shouldContainExactly listOf(0, 50, 150, 200)
      resize(grey(1, 2, 0, 200), 4, "stretch").chunked(4).map { it[0] } shouldContainExactly listOf(0, 50, 150, 200)
    }

    test("an image of the right size is left as it is") {
      for (mode in listOf("stretch", "center-crop", "none")) {
        resize(grey(2, 2, 9, 8, 7, 6), 2, mode) shouldContainExactly listOf(9, 8, 7, 6)
      }
    }

    test("center-crop takes the middle square of wide and of high images") {
      resize(grey(4, 2, 1, 2, 3, 4, 5, 6, 7, 8), 2, "center-crop") shouldContainExactly listOf(2, 3, 6, 7)
      resize(grey(2, 4, 1, 2, 3, 4, 5, 6, 7, 8), 2, "center-crop") shouldContainExactly listOf(3, 4, 5, 6)
    }

    test("center-crop of an odd margin lies half a pixel in") {
      // The middle 2 columns of 3, beginning at 0.5: each output pixel is the mean of two.
      resize(grey(3, 2, 0, 100, 200, 0, 100, 200), 2, "center-crop") shouldContainExactly listOf(50, 150, 50, 150)
    }

    test("an even grey stays even and fine stripes become their mean, without moiré") {
      resize(grey(97, 61, *IntArray(97 * 61) { 123 }), 16, "center-crop").toSet() shouldBe setOf(123)
      val stripes = IntArray(256 * 256) { if (it % 2 == 0) 254 else 0 }
      val rows = resize(grey(256, 256, *stripes), 32, "stretch").chunked(32)
      // Inside, the triangle weighs even and odd columns alike. At the left border it is cut: of its 7 units the even
      // columns have 3.625, 131.5 of 254; at the right border the odd ones.
      for (row in rows) row shouldContainExactly listOf(132) + List(30) { 127 } + listOf(122)
    }

    test("a smooth picture keeps its shape when it is reduced") {
      fun wave(at: Double) = 127.5 + 100 * sin(2 * PI * at)
      val wide = IntArray(400 * 400) { wave((it % 400 + 0.5) / 400).toInt() }
      // Away from the border a triangle of ±10 pixels lowers the wave by sinc²(1/40) = 0.998: half a grey level.
      resize(grey(400, 400, *wide), 40, "stretch").take(40).drop(1).dropLast(1).forEachIndexed { i, value ->
        value.toDouble() shouldBe (wave((i + 1.5) / 40) plusOrMinus 1.5)
      }
    }

    test("colours are resized each for itself") {
      val file = png(2, 1, 2, listOf(0, 100, 200, 100, 200, 0))
      open(tempdir().toPath().tree(mapOf("0.png" to file)), "size" to 1, "resize" to "stretch").use {
        it.image(0) shouldContainExactly listOf(50, 150, 100)
      }
    }

    test("resize none refuses an image of another size, by name") {
      val root = tempdir().toPath().tree(mapOf("0.png" to grey(2, 1, 0, 0)))
      shouldThrow<IOException> { open(root, "size" to 2, "resize" to "none").use { it.image(0) } }.message shouldBe
        "$root/0.png is 2x1 pixels, and 2x2 is expected; 'size' with 'resize: center-crop' or 'stretch' brings all images " +
          "to one size"
    }

    test("without a size the first image sets it, and another one is an error, by name") {
      val root = tempdir().toPath().tree(mapOf("0.png" to grey(2, 1, 0, 0), "1.png" to grey(1, 2, 0, 0)))
      open(root).use { dataset ->
        dataset.shape() shouldBe ImageShape(3, 1, 2)
        dataset.image(0).size shouldBe 6
        shouldThrow<IOException> { dataset.image(1) }.message shouldContain
          "$root/1.png is 1x2 pixels, and 2x1 is expected"
      }
    }
  })
