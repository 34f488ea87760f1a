package io.github.diffusionhost.api.image

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.awt.image.BufferedImage
import java.awt.image.Raster
import java.io.ByteArrayOutputStream
import java.io.IOException
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.stream.MemoryCacheImageOutputStream

private const val EDGE = 16

/** Components of every pixel; as YCbCr they are the colour (221, 82, 53), JFIF 1.02 page 3. */
private val COMPONENTS = listOf(120, 90, 200)
private val AS_YCBCR = listOf(221, 82, 53)

private val ADOBE = "Adobe".toByteArray() + byteArrayOf(0, 100, 0, 0, 0, 0)
private val JFIF = segment(0xe0, "JFIF".toByteArray() + byteArrayOf(0, 1, 2, 0, 0, 1, 0, 1, 0, 0))
private val EXIF = segment(0xe1, "Exif".toByteArray() + byteArrayOf(0, 0) + "MM".toByteArray() + ByteArray(6))
private val PROFILE = segment(0xe2, "ICC_PROFILE".toByteArray() + byteArrayOf(0, 1, 1) + ByteArray(40) { 7 })

private fun adobe(transform: Int) = segment(0xee, ADOBE + transform.toByte())

private fun segment(marker: Int, content: ByteArray): ByteArray =
  byteArrayOf(-1, marker.toByte(), 0, (content.size + 2).toByte()) + content

/** A JPEG of three components that are stored as they are, 4:4:4, without a word on what they are. */
private fun bare(): ByteArray {
  val raster = Raster.createInterleavedRaster(0, EDGE, EDGE, 3, null)
  for ((band, value) in COMPONENTS.withIndex()) {
    raster.setSamples(0, 0, EDGE, EDGE, band, IntArray(EDGE * EDGE) { value })
  }
  val bytes = ByteArrayOutputStream()
  val writer = ImageIO.getImageWritersByFormatName("jpeg").next()
  MemoryCacheImageOutputStream(bytes).use {
    writer.output = it
    writer.write(null, IIOImage(raster, null, null), null)
  }
  writer.dispose()
  return bytes.toByteArray()
}

/** The same with markers in front and other names of the components, in the frame and in the scan. */
private fun jpeg(markers: ByteArray, ids: List<Int>): ByteArray {
  val file = bare()
  var at = 2
  val kept = ByteArrayOutputStream()
  while (file[at + 1] != 0xda.toByte()) {
    val length = (file[at + 2].toInt() and 255 shl 8) + (file[at + 3].toInt() and 255)
    val part = file.copyOfRange(at, at + 2 + length)
    if (part[1] == 0xc0.toByte()) for (i in 0..2) part[10 + 3 * i] = ids[i].toByte()
    if (part[1].toInt() and 0xf0 != 0xe0) kept.write(part)
    at += 2 + length
  }
  val scan = file.copyOfRange(at, file.size)
  for (i in 0..2) scan[5 + 2 * i] = ids[i].toByte()
  return file.copyOf(2) + markers + kept.toByteArray() + scan
}

/** Right colours, whatever a file says of itself, and nothing half decoded. */
class StrictImagesSpec :
  FunSpec({
    fun mean(file: ByteArray): List<Int> =
      StrictImages.decode("x", file).planes(3).toList().chunked(EDGE * EDGE).map { plane ->
        plane.sumOf { it.toInt() and 255 } / plane.size
      }

    val rgb = "RGB".map { it.code }
    data class Row(val what: String, val markers: ByteArray, val ids: List<Int>, val colour: List<Int> = AS_YCBCR)
    // libjpeg-turbo, default_decompress_parms.
    listOf(
        Row("no marker, components 1, 2, 3", ByteArray(0), listOf(1, 2, 3)),
        Row("no marker, components 0, 1, 2", ByteArray(0), listOf(0, 1, 2)),
        Row("no marker, components 7, 1, 200", ByteArray(0), listOf(7, 1, 200)),
        Row("no marker, components R, G, B", ByteArray(0), rgb, COMPONENTS),
        Row("EXIF alone, components 0, 1, 2", EXIF, listOf(0, 1, 2)),
        Row("a colour profile that is none", JFIF + PROFILE, listOf(1, 2, 3)),
        Row("JFIF, components R, G, B", JFIF, rgb),
        Row("JFIF and Adobe's transform 0", JFIF + adobe(0), listOf(1, 2, 3)),
        Row("Adobe's transform 0 alone", adobe(0), listOf(1, 2, 3), COMPONENTS),
        Row("Adobe's transform 1 alone, components R, G, B", adobe(1), rgb),
        Row("Adobe's transform 7, which does not exist", adobe(7), listOf(1, 2, 3)),
      )
      .forEach { row ->
        test("a JPEG with ${row.what}") {
          val file = jpeg(row.markers, row.ids)
          for ((value, wanted) in mean(file).zip(row.colour)) value shouldBeInRange wanted - 2..wanted + 2
          StrictImages.header("x", file) shouldBe ImageHeader(3, EDGE, EDGE, 8)
        }
      }

    fun fault(file: ByteArray): String = shouldThrow<IOException> { StrictImages.decode("x.jpg", file) }.message!!

    val noise =
      BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)
        .apply { for (i in 0 until 4096) setRGB(i % 64, i / 64, i * 977) }
        .let { image -> ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray() }

    test("what libjpeg says of a damaged scan in a warning is an error") {
      val middle = noise.size / 2
      val ended = noise.copyOf(middle) + byteArrayOf(-1, 0xd9.toByte()) + noise.drop(middle)
      fault(ended) shouldContain "x.jpg cannot be decoded (Corrupt JPEG data: premature end of data segment)"
      // All ones is no Huffman code, ITU-T T.81, C.2; in a scan FF is followed by 00.
      val ones =
        noise.copyOf().also { for (i in middle until it.size - 40) it[i] = if ((it.size - i) % 2 == 0) -1 else 0 }
      fault(ones) shouldContain "Corrupt JPEG data: bad Huffman code"
      fault(noise.copyOf(middle)) shouldContain "cannot be decoded"
    }

    test("a JPEG that is cut within its header, at any byte, is an error") {
      val scan = noise.indices.first { noise[it] == (-1).toByte() && noise[it + 1] == 0xda.toByte() }
      for (length in 0..scan) fault(noise.copyOf(length)) shouldContain "x.jpg "
    }

    test("bytes after the end, and surplus bytes before a segment, lose nothing") {
      val plain = StrictImages.decode("x", noise).planes(3)
      StrictImages.decode("x", noise + ByteArray(99) { 1 }).planes(3) shouldBe plain
      val first = 4 + noise[5] // behind JFIF's segment
      StrictImages.decode("x", noise.copyOf(first) + ByteArray(5) + noise.drop(first)).planes(3) shouldBe plain
      StrictImages.decode("x", noise.copyOf(2) + byteArrayOf(-1, -1) + noise.drop(2)).planes(3) shouldBe plain
    }

    test("ordinary JPEGs are what Java's own reader makes of them") {
      val java = ImageIO.read(noise.inputStream())
      val wanted = ByteArray(3 * 4096) { (java.getRGB(it % 64, it % 4096 / 64) shr (16 - 8 * (it / 4096))).toByte() }
      StrictImages.decode("x", noise).planes(3) shouldBe wanted
    }

    test("a rotation in EXIF is not applied") {
      // Orientation 6, a quarter to the right: a viewer would show 8 columns and 24 rows.
      val tiff =
        "MM".toByteArray() + byteArrayOf(0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0)
      val image = BufferedImage(24, 8, BufferedImage.TYPE_BYTE_GRAY)
      val file = ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray()
      val turned = file.copyOf(2) + segment(0xe1, "Exif".toByteArray() + byteArrayOf(0, 0) + tiff) + file.drop(2)
      StrictImages.decode("x", turned).header() shouldBe ImageHeader(1, 8, 24, 8)
    }
  })

private operator fun ByteArray.plus(others: List<Byte>): ByteArray = this + others.toByteArray()
