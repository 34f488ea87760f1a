package io.github.diffusionhost.engine

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.image.ImageArchive
import io.github.diffusionhost.api.image.StrictImages
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointException
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.log.MetricsRow
import io.github.diffusionhost.engine.posthoc.EmaSnapshots
import io.github.diffusionhost.engine.posthoc.Reconstruction
import io.github.diffusionhost.engine.safetensors.SafetensorsException
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.github.diffusionhost.testkit.ReaderChecks
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.UncheckedIOException
import java.util.zip.CRC32
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import javax.imageio.ImageIO
import kotlin.io.path.createDirectory
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

private const val COPIES = 600

/** Whatever is in a file, its reader throws its own error. */
@Tags("Slow")
class DamagedFilesSpec :
  FunSpec({
    val root = tempdir().toPath()
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("safetensors") {
      val file = root.resolve("a.safetensors")
      val tensors = linkedMapOf("block.0.weight" to manager.ones(Shape(2, 3)), "b" to manager.create(1.5f))
      SafetensorsWriter.write(file, tensors, mapOf("format" to "pt"))
      ReaderChecks.onlyOwnErrors("safetensors", file.readBytes(), COPIES, listOf(SafetensorsException::class.java)) {
        file.writeBytes(it)
        SafetensorsFile.open(file).use { open ->
          manager.newSubManager().use { scope -> open.readAll(scope) }
          open.metadata()
        }
      }
    }

    test("state.json of a checkpoint") {
      val state = CheckpointState(7, 56, mapOf("a" to 1L), mapOf("loss" to Double.NaN), mapOf("note" to "größer"))
      val folder = CheckpointFolder(root.resolve("checkpoints"))
      val checkpoint = folder.write(state, mapOf(), mapOf("config.yaml" to "seed: 1\n"))
      val file = checkpoint.resolve("state.json")
      ReaderChecks.onlyOwnErrors("state.json", file.readBytes(), COPIES, listOf(CheckpointException::class.java)) {
        file.writeBytes(it)
        Checkpoint.open(checkpoint).text("config.yaml")
      }
    }

    test("metrics.jsonl") {
      val file = root.resolve("metrics.jsonl")
      MetricsLog.open(file).use { log ->
        for (step in 1L..4L) log.append(MetricsRow(step, step * 8, 0.5, mapOf("train/loss" to 0.25, "ü" to Double.NaN)))
      }
      ReaderChecks.onlyOwnErrors("metrics.jsonl", file.readBytes(), COPIES, listOf(IOException::class.java)) {
        file.writeBytes(it)
        MetricsLog.read(file)
      }
    }

    for (type in listOf(BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_GRAY)) {
      val picture = BufferedImage(20, 14, type).also { for (i in 0 until 280) it.setRGB(i % 20, i / 20, i * 0x31f7) }
      for (format in listOf("jpeg", "png")) {
        test("a $format of type $type") {
          val bytes = ByteArrayOutputStream().also { ImageIO.write(picture, format, it) }.toByteArray()
          ReaderChecks.onlyOwnErrors(format, bytes, COPIES, listOf(IOException::class.java)) {
            StrictImages.header("a picture", it)
            StrictImages.decode("a picture", it)
          }
        }
      }
    }

    for (method in listOf(ZipEntry.STORED, ZipEntry.DEFLATED)) {
      test("a zip of images, method $method") {
        val content = ByteArray(300) { (it * it).toByte() }
        val bytes = ByteArrayOutputStream()
        ZipOutputStream(bytes).use { zip ->
          for (name in listOf("a/1.png", "a/ü.png", "b/2.png")) {
            zip.putNextEntry(
              ZipEntry(name).also {
                it.method = method
                it.size = content.size.toLong()
                it.crc = CRC32().apply { update(content) }.value
              }
            )
            zip.write(content)
          }
        }
        val file = root.resolve("images.zip")
        ReaderChecks.onlyOwnErrors("a zip", bytes.toByteArray(), COPIES, listOf(IOException::class.java)) {
          file.writeBytes(it)
          ImageArchive.open(file).use { archive ->
            archive.list("").files().forEach { entry -> archive.read(entry.name()) }
          }
        }
      }
    }

    test("a log with bytes that are no UTF-8 names the line, and stays as it is") {
      val file = root.resolve("foreign.jsonl")
      val bytes = """{"step":1,"images":8,"seconds":1}""".toByteArray() + byteArrayOf(10, 0xff.toByte(), 10)
      file.writeBytes(bytes)
      shouldThrow<IOException> { MetricsLog.truncateAfter(file, 1) }.message shouldBe
        "$file, line 2: not UTF-8 text; correct the line or remove it"
      file.readBytes() shouldBe bytes
    }

    test("a snapshot that is named after no width is named") {
      val folder = CheckpointFolder(root.resolve("snapshots").createDirectory())
      val weights = mapOf("width-abc.safetensors" to mapOf("w" to manager.ones(Shape(1))))
      val snapshot = folder.write(CheckpointState.of(1, 8), weights, mapOf(EmaSnapshots.CONFIG to ""))
      val snapshots = EmaSnapshots(root.resolve("snapshots")).upTo(1)
      shouldThrow<UncheckedIOException> { Reconstruction(snapshots).averages() }.cause!!.message shouldContain
        "${snapshot.resolve("width-abc.safetensors")} is named after no width; move the snapshot away"
    }
  })
