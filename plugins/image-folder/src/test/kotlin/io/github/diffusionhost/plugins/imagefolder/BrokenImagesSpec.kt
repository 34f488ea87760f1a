package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.engine.support.image
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.awt.image.BufferedImage
import java.awt.image.Raster
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.stream.MemoryCacheImageOutputStream
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.random.Random

/** Every way in which a file can be wrong: one message that names it. */
class BrokenImagesSpec :
  FunSpec({
    fun folder(): Path = tempdir().toPath()

    fun fault(path: Path): String =
      shouldThrow<IOException> { open(path, "size" to 8).use { dataset -> dataset.images() } }.message!!

    fun faultOf(file: ByteArray, name: String = "bad.png"): String {
      val root = folder().tree(mapOf(name to file))
      return fault(root).also {
        it shouldStartWith "$root/$name "
        it.lines().size shouldBe 1
      }
    }

    val noise = Random(1).let { random -> List(32 * 32 * 3) { random.nextInt(256) } }
    val good = png(32, 32, 2, noise)
    val jpeg =
      BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB).let { image ->
        for (i in 0 until 1024) image.setRGB(i % 32, i / 32, noise[i] * 0x010305)
        ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray()
      }

    test("an empty file and a file of something else") {
      faultOf(ByteArray(0)) shouldContain "is empty"
      faultOf("GIF89a, not a PNG at all".toByteArray()) shouldContain "is neither a PNG nor a JPEG"
      faultOf(byteArrayOf(1)) shouldContain "is neither a PNG nor a JPEG"
    }

    test("a PNG cut short anywhere") {
      for (length in listOf(8, 12, 20, 33, 40, 60, good.size / 2, good.size - 1)) {
        faultOf(good.copyOf(length)) shouldContain "cannot be decoded"
      }
    }

    test("a PNG with any bit turned over") {
      for (at in 8 until good.size step 31) {
        faultOf(good.copyOf().also { it[at] = (it[at].toInt() xor 4).toByte() }) shouldContain "cannot be decoded"
      }
    }

    test("a PNG whose chunk says that it has two gigabytes") {
      faultOf(good.copyOf().also { ByteBuffer.wrap(it).putInt(33, Int.MAX_VALUE) }) shouldContain
        "a chunk of 2147483647 bytes goes beyond its end"
    }

    test("a PNG with fewer rows than its header says") {
      faultOf(png(32, 32, 2, emptyList())) shouldContain "cannot be decoded"
    }

    test("a JPEG cut short anywhere") {
      for (length in listOf(3, 10, 200, jpeg.size / 2, jpeg.size - 20)) {
        faultOf(jpeg.copyOf(length), "bad.jpg") shouldContain "cannot be decoded"
      }
    }

    test("a JPEG of zeros after its first bytes") {
      faultOf(jpeg.copyOf(4) + ByteArray(500), "bad.jpg") shouldContain "cannot be decoded"
    }

    test("a CMYK JPEG") {
      val bytes = ByteArrayOutputStream()
      val writer = ImageIO.getImageWritersByFormatName("jpeg").next()
      MemoryCacheImageOutputStream(bytes).use {
        writer.output = it
        writer.write(null, IIOImage(Raster.createInterleavedRaster(0, 16, 16, 4, null), null, null), null)
      }
      val plain = bytes.toByteArray()
      faultOf(plain, "bad.jpg") shouldContain "is a JPEG of 4 samples a pixel (CMYK, perhaps); save it in grey or RGB"
      // With the marker APP14 that Adobe's programs write: transform 0 is CMYK, 2 is YCCK.
      for (transform in listOf<Byte>(0, 2)) {
        val adobe =
          byteArrayOf(-1, 0xEE.toByte(), 0, 14) + "Adobe".toByteArray() + byteArrayOf(0, 100, 0, 0, 0, 0, transform)
        faultOf(plain.copyOf(2) + adobe + plain.drop(2), "bad.jpg") shouldContain "in grey or RGB"
      }
    }

    test("an image of billions of pixels is refused before memory is taken for it") {
      // A valid header and valid checksums; the data are missing, but nothing may look for them.
      val huge = png(100_000, 60_000, 2, emptyList())
      val root = folder().tree(mapOf("bad.png" to huge))
      val before = allocated()
      shouldThrow<IOException> { open(root).use { it.image(0) } }.message shouldContain
        "bad.png is 100000x60000 pixels; at most 64 million are read"
      allocated() - before shouldBeLessThan (16L shl 20)
      faultOf(huge) shouldContain "at most 64 million are read"
    }

    test("the good images before a broken one are read") {
      val root = folder().tree(mapOf("a.png" to good, "b.png" to good.copyOf(50), "c.png" to good))
      open(root).use { dataset ->
        dataset.image(0).size shouldBe 32 * 32 * 3
        shouldThrow<IOException> { dataset.image(1) }.message shouldContain "b.png"
        dataset.image(2).size shouldBe 32 * 32 * 3
      }
    }

    test("a zip that is none, empty, cut short, or damaged inside") {
      val zip = folder().resolve("images.zip")
      for (content in listOf("no zip".toByteArray(), ByteArray(0))) {
        zip.writeBytes(content)
        fault(zip) shouldStartWith "$zip is not a zip, or a damaged or truncated one"
      }
      zip.zip(mapOf("a/0.png" to good))
      val whole = zip.readBytes()
      zip.writeBytes(whole.copyOf(whole.size - 30))
      fault(zip) shouldStartWith "$zip is not a zip, or a damaged or truncated one"
      zip.writeBytes(whole.copyOf().also { bytes -> for (i in 60 until 90) bytes[i] = 0x55 })
      fault(zip) shouldStartWith "$zip!a/0.png "
      zip.zip(emptyMap())
      fault(zip) shouldBe "$zip holds no images (.png, .jpg, .jpeg)"
    }

    test("a zip entry that points outside is one clear error, whatever it holds") {
      val zip = folder().resolve("images.zip")
      for (name in
        listOf(
          "../0.png",
          "a/../../0.png",
          "/etc/0.png",
          "C:/0.png",
          "..\\0.png",
          "a\\..\\..\\0.png",
          "../x.txt",
          "../",
        )) {
        zip.zip(mapOf("a/0.png" to good, name to if (name.endsWith("/")) ByteArray(0) else good))
        fault(zip) shouldBe
          "$zip has an entry that points outside, '$name'; get the zip from somebody you trust, or zip the images anew"
      }
      zip.zip(mapOf("a/b...png" to good, "a..b/c..png" to good))
      open(zip).use { it.images().size shouldBe 2 }
    }

    test("an entry of a zip that is named like an image and is none is one clear error; other files are passed over") {
      val zip = folder().resolve("images.zip")
      zip.zip(mapOf("a/0.png" to good, "a/1.jpg" to "text".toByteArray(), "a/notes.txt" to "text".toByteArray()))
      fault(zip) shouldBe "$zip!a/1.jpg is neither a PNG nor a JPEG; get it again or remove it"
      zip.zip(mapOf("a/0.png" to good, "a/notes.txt" to "text".toByteArray(), "a/data.bin" to ByteArray(9)))
      open(zip).use { it.images().size shouldBe 1 }
    }

    test("an image of another size, where no size is asked for, is one clear error") {
      val zip =
        folder()
          .resolve("images.zip")
          .zip(mapOf("a/0.png" to good, "a/1.png" to png(31, 32, 2, noise.take(31 * 32 * 3))))
      shouldThrow<IOException> { open(zip).use { it.images() } }.message shouldBe
        "$zip!a/1.png is 31x32 pixels, and 32x32 is expected; 'size' with 'resize: center-crop' or 'stretch' brings " +
          "all images to one size"
    }

    test("images of every mode lie beside each other in a zip") {
      val zip = folder().resolve("images.zip")
      val grey = List(1024) { it % 256 }
      zip.zip(
        mapOf(
          "a/alpha.png" to png(32, 32, 6, List(4096) { if (it % 4 == 3) 255 else 7 }),
          "a/colour.png" to good,
          "a/deep.png" to png(32, 32, 0, grey.map { it * 257 }, bits = 16),
          "a/grey.png" to png(32, 32, 0, grey),
          "a/palette.png" to png(32, 32, 3, List(1024) { it % 2 }, palette = listOf(1, 2, 3, 4, 5, 6)),
        )
      )
      open(zip).use { dataset ->
        dataset.image(0) shouldBe List(3072) { 7 }
        dataset.image(1) shouldBe List(3072) { noise[it % 1024 * 3 + it / 1024] }
        dataset.image(2) shouldBe grey + grey + grey
        dataset.image(3) shouldBe grey + grey + grey
        dataset.image(4) shouldBe List(3072) { 1 + it / 1024 + 3 * (it % 2) }
      }
    }

    test("a zip bomb is refused by the size that it announces") {
      val zip = folder().resolve("bomb.zip")
      ZipOutputStream(zip.outputStream()).use {
        it.putNextEntry(ZipEntry("a/0.png"))
        repeat(200) { _ -> it.write(ByteArray(1 shl 20)) }
      }
      fault(zip) shouldBe "$zip!a/0.png is larger than 128 MiB, which no image here may be; scale it down first"
      // The same with a directory that lies about the size: whatever happens, at most 128 MiB are unpacked.
      val bytes = zip.readBytes()
      val directory = (bytes.size - 4 downTo 0).first { bytes.slice(it..it + 3) == listOf<Byte>(0x50, 0x4b, 1, 2) }
      for (i in 24..27) bytes[directory + i] = if (i == 24) 100 else 0
      zip.writeBytes(bytes)
      fault(zip) shouldStartWith "$zip!a/0.png "
    }
  })

/** Bytes that this thread has ever allocated. */
private fun allocated(): Long =
  (ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean).currentThreadAllocatedBytes
