package io.github.diffusionhost.engine.log

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.awt.image.BufferedImage
import java.nio.file.Files
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes

class TensorBoardLogSpec :
  FunSpec({
    val root = tempdir().toPath()
    fun folder(): Path = Files.createTempDirectory(root, "run")
    fun events(folder: Path): List<Message> = records(folder.listDirectoryEntries().single().readBytes()).map(::Message)
    fun Message.summary() = message(5).message(1)

    test("the checksum is CRC-32C, masked as TFRecord does") {
      // RFC 3720, B.4: 32 bytes of zeros have the CRC-32C 0x8a9136aa
      crc32c(ByteArray(32)) shouldBe 0x8a9136aaL
    }

    test("a file begins with its version, and its name tells TensorBoard what it is") {
      val folder = folder()
      TensorBoardLog.open(folder, 0).close()
      folder.listDirectoryEntries().single().name shouldStartWith "events.out.tfevents."
      events(folder).single().text(3) shouldBe "brain.Event:2"
    }

    test("scalars") {
      val folder = folder()
      val before = System.currentTimeMillis() / 1000.0
      TensorBoardLog.open(folder, 0).use {
        it.scalar("train/loss", 300, 0.75)
        it.scalar("train/loss", Int.MAX_VALUE + 1L, Double.NaN)
      }
      val (first, second) = events(folder).drop(1)
      first.varint(2) shouldBe 300
      first.summary().text(1) shouldBe "train/loss"
      first.summary().float(2) shouldBe 0.75f
      second.varint(2) shouldBe 2147483648L
      second.summary().float(2).isNaN() shouldBe true
      (first.double(1) in before..System.currentTimeMillis() / 1000.0) shouldBe true
    }

    test("a scalar is in the file before it is closed") {
      val folder = folder()
      TensorBoardLog.open(folder, 0).use {
        it.scalar("a", 1, 1.0)
        events(folder) shouldHaveSize 2
      }
    }

    for ((type, colourSpace) in listOf(BufferedImage.TYPE_BYTE_GRAY to 1L, BufferedImage.TYPE_INT_RGB to 3L)) {
      test("an image with colour space $colourSpace") {
        val folder = folder()
        val picture = BufferedImage(5, 3, type).apply { setRGB(4, 2, 0xffffff) }
        TensorBoardLog.open(folder, 0).use { it.image("samples", 7, picture) }
        val value = events(folder)[1].summary()
        value.text(1) shouldBe "samples"
        val image = value.message(4)
        image.varint(1) shouldBe 3
        image.varint(2) shouldBe 5
        image.varint(3) shouldBe colourSpace
        val read = ImageIO.read(image.bytes(4).inputStream())
        (read.width to read.height) shouldBe (5 to 3)
        read.getRGB(4, 2) shouldBe picture.getRGB(4, 2)
      }
    }

    test("a text is a string tensor of the text plugin") {
      val folder = folder()
      TensorBoardLog.open(folder, 0).use { it.text("config", 0, "größe: *28*") }
      val value = events(folder)[1].summary()
      value.text(1) shouldBe "config"
      val tensor = value.message(8)
      tensor.varint(1) shouldBe 7
      tensor.message(2).message(2).varint(1) shouldBe 1
      tensor.text(8) shouldBe "größe: *28*"
      value.message(9).message(1).text(1) shouldBe "text"
    }

    test("a run that goes on begins a new file with the step from which the older ones count no more") {
      val folder = folder()
      repeat(2) { TensorBoardLog.open(folder, 500L * it).use { log -> log.scalar("a", 1, 1.0) } }
      val files = folder.listDirectoryEntries().sortedBy { it.name }
      files shouldHaveSize 2
      val start = records(files[1].readBytes()).map(::Message)[1]
      start.varint(2) shouldBe 501
      start.message(7).varint(1) shouldBe 1
      records(files[0].readBytes()).map { Message(it).fields.keys.toList() } shouldContainExactly
        listOf(listOf(1, 2, 3), listOf(1, 2, 5))
    }
  })
