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
import kotlin.io.path.moveTo
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

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
      TensorBoardLog.open(folder) {}.close()
      folder.listDirectoryEntries().single().name shouldStartWith "events.out.tfevents."
      events(folder).single().text(3) shouldBe "brain.Event:2"
    }

    test("scalars") {
      val folder = folder()
      val before = System.currentTimeMillis() / 1000.0
      TensorBoardLog.open(folder) {}
        .use {
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
      TensorBoardLog.open(folder) {}
        .use {
          it.scalar("a", 1, 1.0)
          events(folder) shouldHaveSize 2
        }
    }

    for ((type, colourSpace) in listOf(BufferedImage.TYPE_BYTE_GRAY to 1L, BufferedImage.TYPE_INT_RGB to 3L)) {
      test("an image with colour space $colourSpace") {
        val folder = folder()
        val picture = BufferedImage(5, 3, type).apply { setRGB(4, 2, 0xffffff) }
        TensorBoardLog.open(folder) {}.use { it.image("samples", 7, picture) }
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
      TensorBoardLog.open(folder) {}.use { it.text("config", 0, "größe: *28*") }
      val value = events(folder)[1].summary()
      value.text(1) shouldBe "config"
      val tensor = value.message(8)
      tensor.varint(1) shouldBe 7
      tensor.message(2).message(2).varint(1) shouldBe 1
      tensor.text(8) shouldBe "größe: *28*"
      value.message(9).message(1).text(1) shouldBe "text"
    }

    test("a run that goes on has one file, which holds what was logged before and nothing of what is done anew") {
      val folder = folder()
      TensorBoardLog.open(folder) { it.text("config", 0, "first") }
        .use { log -> listOf(1L, 2L, 3L).forEach { log.scalar("train/loss", it, it / 4.0) } }
      val times = events(folder).filter { 5 in it.fields }.associate { it.varint(2) to it.double(1) }
      Thread.sleep(20)
      TensorBoardLog.open(folder) { before ->
          before.text("config", 0, "first")
          before.scalar("train/loss", 1, 0.25)
          before.scalar("train/loss", 2, 0.5)
        }
        .use { it.scalar("train/loss", 3, 0.875) }
      val (version, start) = events(folder)
      version.text(3) shouldBe "brain.Event:2"
      // TensorBoard forgets what it has read of earlier files from that step on: everything
      start.varint(2) shouldBe 0
      start.message(7).varint(1) shouldBe 1
      val values = events(folder).drop(2)
      values.map { it.varint(2) to it.summary().text(1) } shouldContainExactly
        listOf(0L to "config", 1L to "train/loss", 2L to "train/loss", 3L to "train/loss")
      values.drop(1).map { it.summary().float(2) } shouldContainExactly listOf(0.25f, 0.5f, 0.875f)
      values.take(3).map { it.double(1) } shouldContainExactly listOf(0L, 1L, 2L).map(times::getValue)
      (values[3].double(1) > times.getValue(3)) shouldBe true
    }

    test("a file that was cut off in the middle of a record gives its times up to there, and an empty one none") {
      for (kept in listOf(0, 5, 30, 90, 140)) {
        val folder = folder()
        TensorBoardLog.open(folder) {}.use { log -> (1..3L).forEach { log.scalar("a", it, 1.0) } }
        val file = folder.listDirectoryEntries().single()
        file.writeBytes(file.readBytes().copyOf(kept))
        TensorBoardLog.open(folder) { log -> (1..3L).forEach { log.scalar("a", it, 1.0) } }.close()
        events(folder).drop(2).map { it.varint(2) } shouldContainExactly listOf(1L, 2L, 3L)
      }
    }

    test("after the clock was put back, the new file's name and its times still come last") {
      val folder = folder()
      TensorBoardLog.open(folder) {}.use { it.scalar("a", 1, 1.0) }
      val name = "events.out.tfevents.9000000000.host.1.0"
      folder.listDirectoryEntries().single().moveTo(folder.resolve(name))
      TensorBoardLog.open(folder) { it.scalar("a", 1, 1.0) }.use { it.scalar("a", 2, 1.0) }
      folder.listDirectoryEntries().single().name shouldStartWith "events.out.tfevents.9000000001.host."
      val times = events(folder).map { it.double(1) }
      times shouldBe times.sorted()
    }

    test("event files of other programs in the folder stay") {
      val folder = folder()
      val theirs = folder.resolve("events.out.tfevents.1700000000.box.7.0.v2").also { it.writeBytes(byteArrayOf(1)) }
      repeat(2) { TensorBoardLog.open(folder) {}.close() }
      folder.listDirectoryEntries() shouldHaveSize 2
      theirs.readBytes().toList() shouldBe listOf<Byte>(1)
    }
  })
