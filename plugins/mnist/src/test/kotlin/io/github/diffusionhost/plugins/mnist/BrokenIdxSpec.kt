package io.github.diffusionhost.plugins.mnist

import io.github.diffusionhost.engine.support.PlayedFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.io.OutputStream
import java.lang.management.ManagementFactory
import java.nio.file.Path
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createParentDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.writeBytes

/** Every way in which a pair of IDX files can be wrong: one message that names the file, the fault and the remedy. */
@Tags("Slow")
class BrokenIdxSpec :
  FunSpec({
    extension(KeepWarnings)

    val good = idxImages(byteArrayOf(0, 1, 2, 3, 4, 5), byteArrayOf(6, 7, 8, 9, 10, 11))
    val goodLabels = idxLabels(7, 2)
    val images = "train-images-idx3-ubyte"
    val labels = "train-labels-idx1-ubyte"

    fun fault(data: Path): String =
      shouldThrow<IOException> { MnistProvider().open(MnistProvider().defaults(), PlayedFolder(data)) }.message!!

    data class Row(
      val what: String,
      val file: String,
      val says: String,
      val images: ByteArray = good,
      val labels: ByteArray = goodLabels,
    )

    listOf(
        Row(
          "labels in the place of images",
          images,
          "begins with 0x00000801 instead of 0x00000803",
          images = goodLabels,
        ),
        Row("images in the place of labels", labels, "begins with 0x00000803 instead of 0x00000801", labels = good),
        Row(
          "gzip without .gz",
          images,
          "begins with 0x1f8b0800 instead of 0x00000803; it is gzipped, so name it .gz",
          images = gzip(good),
        ),
        Row("an empty file", images, "ends within its header", images = ByteArray(0)),
        Row("half a header", images, "ends within its header", images = good.copyOf(11)),
        Row(
          "a byte too few",
          images,
          "is truncated: its header says 2 records, 28 bytes in all",
          images = good.copyOf(27),
        ),
        Row("a byte too many", images, "is longer than the 28 bytes of the 2 records", images = good.copyOf(29)),
        Row(
          "labels cut short",
          labels,
          "is truncated: its header says 2 records, 10 bytes in all",
          labels = goodLabels.copyOf(9),
        ),
        Row("labels too long", labels, "is longer than the 10 bytes", labels = goodLabels.copyOf(4000)),
        Row("counts that differ", images, "holds 2 images and", labels = idxLabels(1, 2, 3)),
        Row("no images", images, "holds no records", images = idxImages()),
        Row("no labels", labels, "holds no records", labels = idxLabels()),
        Row(
          "a negative count",
          images,
          "4294967295 records of 28 x 28",
          images = idx(0x803, listOf(-1, 28, 28), ByteArray(10)),
        ),
        Row("no rows", images, "2 records of 0 x 28", images = idx(0x803, listOf(2, 0, 28), ByteArray(0))),
        Row(
          "an absurd width",
          images,
          "2 records of 28 x 2147483647",
          images = idx(0x803, listOf(2, 28, Int.MAX_VALUE), ByteArray(100)),
        ),
        Row(
          "a count that the bytes do not back",
          images,
          "is truncated: its header says 2147483647 records",
          images = idx(0x803, listOf(Int.MAX_VALUE, 4096, 4096), ByteArray(100)),
          labels = idx(0x801, listOf(Int.MAX_VALUE), ByteArray(100)),
        ),
        Row(
          "a label that is no digit",
          labels,
          "labels 3 to 10 are no digits, which go from 0 to 9 (label 1 is 10)",
          labels = idxLabels(3, 10),
        ),
        Row(
          "a label of 255",
          labels,
          "labels 1 to 255 are no digits, which go from 0 to 9 (label 0 is 255)",
          labels = idxLabels(255, 1),
        ),
      )
      .forEach { row ->
        test("${row.what} is one clear error") {
          val data = tempdir().toPath().writeTraining(row.images, row.labels)
          val message = fault(data)
          message shouldStartWith "${data.resolve("mnist").resolve(row.file)}"
          message shouldContain row.says
          message.lines().size shouldBe 1
        }
      }

    fun gz(content: ByteArray): Path = tempdir().toPath().writeTraining(images = content, imagesName = "$images.gz")

    test("a file named .gz that is not gzipped is one clear error") {
      for (content in listOf(good, ByteArray(0), byteArrayOf(0x1f))) {
        val data = gz(content)
        fault(data) shouldStartWith "$data/mnist/$images.gz is named .gz but is not gzipped"
      }
    }

    test("a truncated gzip is one clear error") {
      // Neither within the first bytes, where the header is not complete, nor after the content: in its trailer.
      val whole = gzip(good)
      fault(gz(whole.copyOf(whole.size - 5))) shouldContain "is truncated: its header says 2 records"
      fault(gz(whole.copyOf(14))) shouldContain "ends within its header"
    }

    test("a damaged gzip is one clear error, whichever bit is turned over") {
      // Content that does not compress: every bit counts, save in the header's time and system fields.
      val whole =
        gzip(
          idxImages(
            *Array(2) { n -> ByteArray(28 * 28) { (it * it * 7919 + n shr 3).toByte() } },
            rows = 28,
            columns = 28,
          )
        )
      for (at in 10 until whole.size step 7) {
        val turned = whole.copyOf().also { it[at] = (it[at].toInt() xor 16).toByte() }
        fault(gz(turned)) shouldContain "$images.gz"
      }
    }

    test("a gzip bomb costs no memory") {
      // 256 MiB of zeros behind a header of two images, and behind one of 40 million that they do not back.
      for ((count, says) in listOf(2 to "is longer than", 40_000_000 to "is truncated")) {
        val data = tempdir().toPath()
        val labelFile = data.resolve("mnist/$labels.gz").createParentDirectories()
        val imageFile = data.resolve("mnist/$images.gz")
        GZIPOutputStream(labelFile.outputStream()).use { it.write(idx(0x801, listOf(count), ByteArray(count))) }
        GZIPOutputStream(imageFile.outputStream()).use {
          it.write(idx(0x803, listOf(count, 28, 28), ByteArray(0)))
          it.writeZeros(256)
        }
        val before = allocated()
        fault(data) shouldContain says
        allocated() - before shouldBeLessThan (8L shl 20)
      }
    }

    test("more records than memory holds is an error that says what to do, and a limit does it") {
      val file = tempdir().toPath().resolve("large.gz")
      file.writeBytes(gzip(idx(0x803, listOf(64, 1024, 1024), ByteArray(64 shl 20))))
      val header = IdxFile.readHeader(file, IdxHeader.IMAGES)
      shouldThrow<IOException> { IdxFile.readRecords(file, header, 64, "", 63L shl 20) }.message shouldBe
        "$file: 64 records take 64 MiB of memory; set 'limit' to read fewer, or give Java more (-Xmx)"
      IdxFile.readRecords(file, header, 63, "", 63L shl 20).size shouldBe (63 shl 20)
    }
  })

private fun OutputStream.writeZeros(mebibytes: Int) = repeat(mebibytes) { write(ByteArray(1 shl 20)) }

/** Bytes that this thread has ever allocated. */
private fun allocated(): Long =
  (ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean).currentThreadAllocatedBytes
