package io.github.diffusionhost.plugins.tinyimagenet

import io.github.diffusionhost.api.dataset.ImageShape
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.RandomAccessFile
import java.nio.file.Path

/** Packed files in several mapped parts, as those above 2 GiB need. */
class PackedImagesSpec :
  FunSpec({
    fun file(): Path = tempdir().toPath().resolve("images.packed")

    test("parts hold whole images, and the last one what is left") {
      val format = PackedFormat(ImageShape(1, 2, 2), 7, PackedKey.of("test"))
      val file = file()
      PackedWriter(file, format).use { writer ->
        for (i in 0 until 7) writer.add(ByteArray(4) { (10 * i + it).toByte() })
        writer.finish()
      }
      // Parts of one image, of two, of seven and of more than there are.
      for (bytes in listOf(4, 11, 28, 1000)) {
        val images = PackedImages.open(file, format, bytes)
        for (i in listOf(6, 0, 3, 1, 5)) {
          val target = ByteArray(4)
          images.read(i, target, 0)
          target.asList() shouldContainExactly List(4) { (10 * i + it).toByte() }
        }
      }
    }

    test("an image beyond 4 GiB is read from a file with a hole") {
      val shape = ImageShape(3, 64, 64)
      val format = PackedFormat(shape, 400_000, PackedKey.of("hole"))
      format.fileBytes() shouldBeGreaterThan 4L shl 30
      val last = ByteArray(shape.elements()) { (it % 251).toByte() }
      val checksums = IntArray(format.count()) { PackedFormat.checksum(ByteArray(shape.elements()), shape.elements()) }
      checksums[399_999] = PackedFormat.checksum(last, last.size)
      val file = file()
      RandomAccessFile(file.toFile(), "rw").use {
        it.write(format.head(checksums))
        it.seek(format.fileBytes() - last.size)
        it.write(last)
      }
      val images = PackedImages.open(file, format)
      val target = ByteArray(shape.elements())
      images.read(399_999, target, 0)
      target.asList() shouldBe last.asList()
      images.read(200_000, target, 0)
      target.all { it.toInt() == 0 } shouldBe true
    }
  })
