package io.github.diffusionhost.plugins.tinyimagenet

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.engine.support.SmallDisk
import io.github.diffusionhost.engine.support.image
import io.github.diffusionhost.engine.support.labels
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.io.path.createParentDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** The packed file: made once, used while it fits, made anew when it does not, and never used half. */
class PackedCacheSpec :
  FunSpec({
    extension(KeepWarnings)

    val greys = listOf(10, 110, 20, 120, 30)

    fun folder(): Path = tempdir().toPath()

    fun packedSet(): Path = folder().tree(set).also { open(it).close() }

    fun Path.inode(): Any = Files.getAttribute(this, "unix:ino")

    fun opened(data: Path): List<Int> = open(data).use { it.greys() }

    test("the second opening reads the packed file and no image") {
      val data = packedSet()
      data.left() shouldHaveSize 1
      val file = data.packed().single()
      file.fileSize() shouldBe 4096 + 5 * 12288
      val time = Files.getLastModifiedTime(file)
      // Another image of the same size and time: nobody looks.
      val image = data.resolve("$NAME/train/n01/images/n01_0.JPEG")
      val (before, size) = Files.getLastModifiedTime(image) to image.fileSize().toInt()
      image.writeBytes(ByteArray(size))
      Files.setLastModifiedTime(image, before)
      opened(data) shouldContainExactly greys
      Files.getLastModifiedTime(file) shouldBe time
    }

    test("the format of the file is the documented one") {
      val bytes = ByteBuffer.wrap(packedSet().packed().single().readBytes())
      String(ByteArray(8).also(bytes::get)) shouldBe "DHPACKED"
      List(5) { bytes.getInt() } shouldContainExactly listOf(2, 3, 64, 64, 5)
      bytes.position(bytes.position() + 32)
      // The CRC-32C of 12,288 bytes of 10, 110, 20, 120 and 30, bit by bit from its polynomial.
      List(5) { bytes.getInt() } shouldContainExactly greys.map { crc32c(ByteArray(12288) { _ -> it.toByte() }) }
      bytes.getInt() shouldBe crc32c(bytes.array().copyOf(80))
      bytes.get(4096) shouldBe 10
      bytes.get(4096 + 12288) shouldBe 110
    }

    test("splits, limits and sets have files of their own") {
      val data = packedSet()
      open(data, "limit" to 2).use { it.greys() shouldContainExactly listOf(10, 110) }
      open(data, split = Split.TEST).use { it.greys() shouldContainExactly listOf(210, 200) }
      val other = folder().resolve("other.zip").zip(set + ("train/n01/images/n01_0.JPEG" to jpeg(50)))
      open(data, "path" to "$other").use { it.greys().first() shouldBe 50 }
      data.packed() shouldHaveSize 4
      opened(data) shouldContainExactly greys
      data.packed() shouldHaveSize 4
    }

    test("labels that change do not use what was packed before") {
      val data = folder().tree(set)
      open(data, split = Split.TEST).close()
      val swapped = "val_0.JPEG\tn01\nval_1.JPEG\tn02\n".toByteArray()
      data.tree(mapOf("val/val_annotations.txt" to swapped))
      open(data, split = Split.TEST).use {
        it.labels() shouldContainExactly listOf(0, 1)
        it.greys() shouldContainExactly listOf(200, 210)
      }
    }

    test("an image that changes, in a folder or a zip, is packed anew") {
      val data = packedSet()
      val image = data.resolve("$NAME/train/n01/images/n01_0.JPEG")
      image.writeBytes(jpeg(15))
      Files.setLastModifiedTime(image, FileTime.fromMillis(1_000_000_000_000))
      opened(data).first() shouldBe 15
      val zipped = folder()
      val zip = zipped.resolve("$NAME.zip").zip(set)
      opened(zipped) shouldContainExactly greys
      zip.zip(set + ("train/n01/images/n01_0.JPEG" to jpeg(15)))
      opened(zipped).first() shouldBe 15
      zipped.left() shouldHaveSize 1
    }

    test("an image more or less makes another file") {
      val data = packedSet()
      data.resolve("$NAME/train/n02/images/n02_1.JPEG").deleteExisting()
      opened(data) shouldContainExactly listOf(10, 110, 20, 30)
    }

    val damages =
      mapOf<String, (ByteArray) -> ByteArray>(
        "empty" to { ByteArray(0) },
        "cut off within its head" to { it.copyOf(50) },
        "cut off after its head" to { it.copyOf(4096) },
        "cut off before its last byte" to { it.copyOf(it.size - 1) },
        "longer than it should be" to { it + 0 },
        "of zeros, as a crash may leave it" to { ByteArray(it.size) },
        "without a head, as an unfinished one" to { ByteArray(4096) + it.drop(4096) },
      ) +
        listOf(0, 8, 11, 15, 19, 23, 27, 28, 59, 60, 79, 80, 83).associate { at ->
          "damaged at byte $at of its head" to { bytes -> bytes.also { it[at] = (it[at].toInt() xor 1).toByte() } }
        }
    for ((what, damage) in damages) {
      test("a packed file that is $what is noticed and made anew") {
        val data = packedSet()
        val file = data.packed().single()
        val good = file.readBytes()
        file.writeBytes(damage(good.copyOf()))
        logged { opened(data) shouldContainExactly greys }.single { "is packed anew: " in it } shouldStartWith "$file "
        file.readBytes().asList() shouldBe good.asList()
        data.left() shouldHaveSize 1
      }
    }

    test("an image damaged in the packed file is one clear error when it is read, and the others are read") {
      val data = packedSet()
      val file = data.packed().single()
      file.writeBytes(file.readBytes().also { it[4096 + 12288 + 7000] = 111 })
      open(data).use {
        it.image(0)[0] shouldBe 10
        shouldThrow<IOException> { it.image(1) }.message shouldBe
          "$file is damaged: the checksum of image 1 is wrong; delete the file, and it is packed anew"
        it.image(2)[0] shouldBe 20
      }
      file.deleteExisting()
      opened(data) shouldContainExactly greys
    }

    test("a packed file replaced while it is used goes on being read") {
      val data = packedSet()
      open(data).use { old ->
        val file = data.packed().single()
        val before = file.inode()
        data.resolve("$NAME/train/n01/images/n01_0.JPEG").writeBytes(jpeg(15))
        opened(data).first() shouldBe 15
        file.inode() shouldNotBe before
        old.greys() shouldContainExactly greys
      }
    }

    test("threads that open at once all read the same, and one of them packs") {
      val data = folder().tree(set)
      val pool = Executors.newFixedThreadPool(8)
      val lines = logged {
        val all = pool.invokeAll(List(8) { Callable { opened(data) } }).map { it.get() }
        all.toSet() shouldBe setOf(greys)
      }
      pool.shutdown()
      lines.count { "tiny-imagenet: packing" in it } shouldBe 1
      data.left() shouldHaveSize 1
    }

    test("what a killed process left is swept away before packing, and a living one's is left alone") {
      val data = packedSet()
      val file = data.packed().single()
      file.deleteExisting()
      val other = Aside.of(file).path()
      val stale = other.resolveSibling(other.name.replace("-${ProcessHandle.current().pid()}-", "-999999999-"))
      listOf(stale, other).forEach { it.writeBytes(ByteArray(100)) }
      opened(data) shouldContainExactly greys
      stale.exists() shouldBe false
      other.exists() shouldBe true
    }

    test("a data folder that cannot be written to is warned of, and the run goes on") {
      val data = folder()
      data.resolve("tiny-imagenet").createParentDirectories().writeBytes(ByteArray(1))
      val source = folder().resolve("set.zip").zip(set)
      lateinit var all: List<Int>
      val lines = logged { all = open(data, "path" to "$source").use { it.greys() } }
      all shouldContainExactly greys
      lines.single { "for this run alone" in it } shouldStartWith "$data/tiny-imagenet cannot be written to"
      val made = Regex("into (\\S+) for").find(lines.single { "for this run alone" in it })!!.groupValues[1]
      Path.of(made).exists() shouldBe false
    }

    test("a full disk is one clear error and leaves nothing behind").config(enabled = SmallDisk.isPossible) {
      val disk = folder()
      val source = folder().resolve("set.zip").zip(set)
      SmallDisk(disk, "size=32k").use {
        shouldThrow<IOException> { open(disk, "path" to "$source").close() }
          .message!!
          .let {
            it shouldStartWith "$disk/tiny-imagenet cannot be written (No space left on device)"
            it shouldContain "take 1 MB there; make room, or choose another data folder"
          }
        disk.left().shouldBeEmpty()
      }
    }
  })

/** CRC-32C by its definition: reflected polynomial 0x82F63B78. */
private fun crc32c(bytes: ByteArray): Int {
  var crc = -1
  for (byte in bytes) {
    crc = crc xor (byte.toInt() and 255)
    repeat(8) { crc = (crc ushr 1) xor (if (crc and 1 == 1) 0x82F63B78.toInt() else 0) }
  }
  return crc.inv()
}
