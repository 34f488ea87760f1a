package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.engine.support.image
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import javax.imageio.ImageIO

/** Known samples in, known bytes out, for each kind of PNG and JPEG. */
class DecodingSpec :
  FunSpec({
    fun decode(file: ByteArray, vararg values: Pair<String, Any?>, name: String = "0.png"): List<Int> =
      open(tempdir().toPath().tree(mapOf(name to file)), *values).use { it.image(0) }

    // Two pixels, (10, 20, 30) and (200, 100, 50).
    val rgb = listOf(10, 20, 30, 200, 100, 50)
    val planes = listOf(10, 200, 20, 100, 30, 50)

    test("RGB comes plane by plane") { decode(png(2, 1, 2, rgb)) shouldContainExactly planes }

    test("rows follow each other within a plane, height before width in the shape") {
      val root = tempdir().toPath().tree(mapOf("0.png" to png(3, 2, 0, listOf(1, 2, 3, 4, 5, 6))))
      open(root, "channels" to 1).use {
        it.shape() shouldBe ImageShape(1, 2, 3)
        it.image(0) shouldContainExactly listOf(1, 2, 3, 4, 5, 6)
      }
    }

    test("every grey value of a PNG stays what it is, also as colour") {
      val ramp = (0..255).toList()
      decode(png(256, 1, 0, ramp), "channels" to 1) shouldContainExactly ramp
      decode(png(256, 1, 0, ramp)) shouldContainExactly ramp + ramp + ramp
    }

    test("colour becomes grey by luma 0.299 R + 0.587 G + 0.114 B") {
      // 2.99 + 11.74 + 3.42 = 18.15; 59.8 + 58.7 + 5.7 = 124.2
      decode(png(2, 1, 2, rgb), "channels" to 1) shouldContainExactly listOf(18, 124)
      decode(png(1, 1, 2, listOf(255, 255, 255)), "channels" to 1) shouldContainExactly listOf(255)
    }

    test("16-bit samples are scaled to 8") {
      // 65535 to 255, 0 to 0, 0x8080 to 128, 300 to 300 / 257 = 1.17
      decode(png(4, 1, 0, listOf(65535, 0, 0x8080, 300), bits = 16), "channels" to 1) shouldContainExactly
        listOf(255, 0, 128, 1)
      decode(png(1, 1, 2, listOf(257, 514, 65535), bits = 16)) shouldContainExactly listOf(1, 2, 255)
    }

    test("one-bit grey is black and white") {
      decode(png(8, 1, 0, listOf(0b10110001), bits = 1), "channels" to 1) shouldContainExactly
        listOf(255, 0, 255, 255, 0, 0, 0, 255)
    }

    test("a palette gives its colours") {
      decode(png(2, 1, 3, listOf(1, 0), palette = listOf(200, 100, 50, 10, 20, 30))) shouldContainExactly planes
    }

    test("transparency is laid over white") {
      // A pixel of value v and alpha a is v a / 255 + (255 - a): 100 at 51 (a fifth) is 20 + 204.
      decode(png(3, 1, 4, listOf(100, 255, 100, 0, 100, 51)), "channels" to 1) shouldContainExactly
        listOf(100, 255, 224)
      decode(png(2, 1, 6, listOf(10, 20, 30, 255, 0, 0, 0, 0))) shouldContainExactly listOf(10, 255, 20, 255, 30, 255)
    }

    fun jpeg(type: Int, colour: Int): ByteArray {
      val image = BufferedImage(16, 16, type)
      for (x in 0 until 16) for (y in 0 until 16) image.setRGB(x, y, colour)
      return ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray()
    }

    test("a plain JPEG keeps its colour to within the rounding of its colour transform") {
      val image = decode(jpeg(BufferedImage.TYPE_INT_RGB, 0xC86432), name = "0.JPeG")
      for ((c, value) in listOf(200, 100, 50).withIndex()) {
        for (sample in image.subList(256 * c, 256 * c + 256)) sample shouldBeInRange value - 3..value + 3
      }
    }

    test("a grey JPEG keeps its value, also as colour") {
      val grey = BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY)
      grey.raster.setSamples(0, 0, 16, 16, 0, IntArray(256) { 77 })
      val file = ByteArrayOutputStream().also { ImageIO.write(grey, "jpeg", it) }.toByteArray()
      decode(file, name = "0.jpg").toSet().single() shouldBeInRange 76..78
      decode(file, "channels" to 1, name = "0.jpg").toSet().single() shouldBeInRange 76..78
    }

    test("what the file holds counts, not what its name says") {
      decode(png(2, 1, 2, rgb), name = "0.jpg") shouldContainExactly planes
    }
  })
