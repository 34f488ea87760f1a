package io.github.diffusionhost.app.report

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.awt.image.BufferedImage
import java.nio.ByteBuffer
import java.util.Base64
import java.util.zip.CRC32
import javax.imageio.ImageIO
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random

class PagePictureSpec :
  FunSpec({
    val root = tempdir().toPath()

    test("of many grids those are kept that are evenly spread, with the first and the last") {
      evenly(List(1000) { it }, 5) shouldContainExactly listOf(0, 249, 499, 749, 999)
      evenly(listOf(1, 2, 3), 5) shouldContainExactly listOf(1, 2, 3)
      val run = PlayedRun(root.resolve("many")).samples(*LongArray(100) { it * 10L })
      run.samples(0L, 10L, 990L, weights = "model")
      val grids = sampleGrids(run.folder.resolve("samples"), 4)
      grids.map { it.step } shouldContainExactly listOf(0, 0, 330, 660, 990, 990)
      grids.map { it.weights } shouldContainExactly listOf(null, "model", null, null, null, "model")
    }

    test("a small picture is kept byte for byte") {
      val run = PlayedRun(root.resolve("small")).samples(1)
      val file = run.folder.resolve("samples/step-000001.png")
      val picture = PagePicture.read(file, 100_000) { error(it) }!!
      picture.source.substringBefore(',') shouldBe "data:image/png;base64"
      Base64.getDecoder().decode(picture.source.substringAfter(',')) shouldBe file.readBytes()
      picture.width shouldBe 160
    }

    test("a large one becomes smaller until it fits") {
      val noise = BufferedImage(512, 512, BufferedImage.TYPE_INT_ARGB)
      val random = Random(1)
      for (y in 0 until 512) for (x in 0 until 512) noise.setRGB(x, y, random.nextInt())
      ImageIO.write(noise, "png", root.resolve("noise.png").toFile())
      val picture = PagePicture.read(root.resolve("noise.png"), 40_000) { error(it) }!!
      picture.source shouldStartWith "data:image/jpeg;base64,"
      Base64.getDecoder().decode(picture.source.substringAfter(',')).size shouldBeLessThan 40_001
    }

    test("a picture that would fill the memory is left out by what its header says") {
      root.resolve("huge.png").writeBytes(emptyPng(30_000, 30_000))
      val notes = mutableListOf<String>()
      PagePicture.read(root.resolve("huge.png"), 1000, notes::add) shouldBe null
      notes shouldContainExactly
        listOf("huge.png cannot be read and is left out: it has 858 million pixels, and a page takes 64 million")
    }

    test("what is no picture is left out and named") {
      root.resolve("text.png").writeText("hello")
      val notes = mutableListOf<String>()
      PagePicture.read(root.resolve("text.png"), 1000, notes::add) shouldBe null
      notes shouldContainExactly listOf("text.png is no picture and is left out.")
    }

    test("a run without samples") { sampleGrids(root.resolve("nowhere"), 4).shouldBeEmpty() }
  })

/** The header of a grey PNG and no pixels. */
private fun emptyPng(width: Int, height: Int): ByteArray {
  val header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(byteArrayOf(1, 0, 0, 0, 0)).array()
  return byteArrayOf(0x89.toByte(), 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) +
    pngChunk("IHDR", header) +
    pngChunk("IDAT", byteArrayOf(0x78, 0x01, 0x03, 0, 0, 0, 0, 1)) +
    pngChunk("IEND", byteArrayOf())
}

private fun pngChunk(type: String, content: ByteArray): ByteArray {
  val body = type.toByteArray() + content
  val crc = CRC32().apply { update(body) }.value.toInt()
  return ByteBuffer.allocate(4).putInt(content.size).array() + body + ByteBuffer.allocate(4).putInt(crc).array()
}
