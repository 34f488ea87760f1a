package io.github.diffusionhost.plugins.tinyimagenet

import io.github.diffusionhost.api.dataset.Split
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.awt.image.BufferedImage
import java.awt.image.Raster
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.file.Path
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.stream.MemoryCacheImageOutputStream
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.random.Random

/**
 * Every way in which a set can be wrong: one message that names the file, the fault and the remedy, and no packed file.
 */
class BrokenTinyImagenetSpec :
  FunSpec({
    extension(KeepWarnings)

    fun folder(): Path = tempdir().toPath()

    fun fault(data: Path, vararg values: Pair<String, Any?>, split: Split = Split.TRAIN): String =
      shouldThrow<IOException> { open(data, *values, split = split).close() }
        .message!!
        .also {
          it.lines().size shouldBe 1
          data.left().shouldBeEmpty()
        }

    data class Row(
      val what: String,
      val file: String,
      val content: String?,
      val says: String,
      val split: Split = Split.TRAIN,
    )

    val annotations = "val/val_annotations.txt"
    listOf(
        Row("no list of classes", "wnids.txt", null, "does not hold wnids.txt, the list of classes"),
        Row("an empty list of classes", "wnids.txt", "\n \n", "/wnids.txt names no classes"),
        Row("a byte-order mark before the classes", "wnids.txt", "\ufeffn01\nn02\nn01\n", "/wnids.txt names n01 twice"),
        Row("a class twice", "wnids.txt", "n01\nn02\nn01\n", "/wnids.txt names n01 twice"),
        Row(
          "a class folder that is not listed",
          "wnids.txt",
          "n01\n",
          "/train/n02/images/n02_0.JPEG is in no class folder of those that wnids.txt names",
        ),
        Row(
          "a class without images",
          "wnids.txt",
          "n01\nn02\nn03\n",
          "/train/n03 holds no images, and wnids.txt names that class",
        ),
        Row(
          "an image outside the class folders",
          "train/stray.JPEG",
          "",
          "/train/stray.JPEG is in no class folder",
        ),
        Row("no annotations", annotations, null, "/val/val_annotations.txt does not exist", Split.TEST),
        Row(
          "an image without annotation",
          annotations,
          "val_0.JPEG\tn02\t0\t0\t1\t1\n",
          "/val/images/val_1.JPEG has no line in val/val_annotations.txt",
          Split.TEST,
        ),
        Row(
          "an annotation without image",
          annotations,
          "val_0.JPEG\tn02\nval_1.JPEG\tn01\nval_2.JPEG\tn01\n",
          "/val/val_annotations.txt names val_2.JPEG, which is not in ",
          Split.TEST,
        ),
        Row(
          "an annotation of an unknown class",
          annotations,
          "val_0.JPEG\tn02\nval_1.JPEG\tn77\n",
          "/val/val_annotations.txt: line 2 has class n77, which wnids.txt does not name",
          Split.TEST,
        ),
        Row(
          "an image annotated twice",
          annotations,
          "val_0.JPEG\tn02\nval_1.JPEG\tn01\nval_1.JPEG\tn02\n",
          "/val/val_annotations.txt: line 3 names val_1.JPEG a second time",
          Split.TEST,
        ),
        Row(
          "a line that is no annotation",
          annotations,
          "val_0.JPEG n02\n",
          "/val/val_annotations.txt: line 1 is no file name, tab and class",
          Split.TEST,
        ),
      )
      .forEach { row ->
        test("${row.what} is one clear error, in a folder and in a zip") {
          val files = if (row.content == null) set - row.file else set + (row.file to row.content.toByteArray())
          fault(folder().tree(files), split = row.split) shouldContain row.says
          val zipped = folder().also { it.resolve("$NAME.zip").zip(files) }
          val says = if (row.file == "wnids.txt" && row.content == null) "holds no wnids.txt" else row.says
          fault(zipped, split = row.split).let {
            it shouldContain says
            it shouldContain "again"
          }
        }
      }

    test("no images at all is one clear error") {
      val data = folder().tree(set.filterKeys { "images" !in it })
      fault(data) shouldBe "$data/$NAME/train holds no images (.JPEG); unpack the set again"
      fault(data, split = Split.TEST) shouldBe "$data/$NAME/val/images holds no images (.JPEG); unpack the set again"
    }

    val noise = Random(1)
    val image = BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)
    for (i in 0 until 4096) image.setRGB(i % 64, i / 64, noise.nextInt())
    val good = ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray()
    val cmyk = ByteArrayOutputStream()
    val writer = ImageIO.getImageWritersByFormatName("jpeg").next()
    MemoryCacheImageOutputStream(cmyk).use {
      writer.output = it
      writer.write(null, IIOImage(Raster.createInterleavedRaster(0, 64, 64, 4, null), null, null), null)
    }

    val broken =
      mapOf(
        "an empty file" to (ByteArray(0) to "is empty; get it again or remove it"),
        "a text" to ("no JPEG".toByteArray() to "is neither a PNG nor a JPEG; get it again or remove it"),
        "a header and nothing else" to (good.copyOf(3) to "cannot be decoded"),
        "half a JPEG" to (good.copyOf(good.size / 2) to "cannot be decoded"),
        "a JPEG without its last bytes" to (good.copyOf(good.size - 40) to "cannot be decoded"),
        "a JPEG of zeros after its first bytes" to (good.copyOf(4) + ByteArray(500) to "cannot be decoded"),
        "a JPEG of another size" to
          (jpeg(1, 32) to "is 32x32 pixels, and images of Tiny ImageNet are 64x64; unpack the set again"),
        "a CMYK JPEG" to
          (cmyk.toByteArray() to "is a JPEG of 4 samples a pixel (CMYK, perhaps); save it in grey or RGB"),
      )
    for ((what, row) in broken) {
      test("$what is one clear error that names it, and nothing is packed") {
        val name = "train/n01/images/n01_1.JPEG"
        val data = folder().tree(set + (name to row.first))
        fault(data) shouldStartWith "$data/$NAME/$name ${row.second}"
        val zipped = folder().also { it.resolve("$NAME.zip").zip(set + (name to row.first)) }
        fault(zipped) shouldStartWith "$zipped/$NAME.zip!$NAME/$name ${row.second}"
      }
    }

    test("a broken image mended is packed at the next start") {
      val name = "train/n01/images/n01_1.JPEG"
      val data = folder().tree(set + (name to good.copyOf(100)))
      fault(data) shouldContain name
      data.tree(mapOf(name to jpeg(20)))
      open(data).use { it.greys() shouldBe listOf(10, 110, 20, 120, 30) }
    }

    test("a zip that is none, empty, cut short, damaged inside, or of something else is one clear error") {
      val data = folder()
      val zip = data.resolve("$NAME.zip")
      for (content in listOf("no zip".toByteArray(), ByteArray(0))) {
        zip.writeBytes(content)
        fault(data) shouldStartWith "$zip is not a zip, or a damaged or truncated one"
      }
      val whole = zip.zip(set).readBytes()
      for (length in listOf(whole.size - 1, whole.size - 30, whole.size / 2)) {
        zip.writeBytes(whole.copyOf(length))
        fault(data) shouldStartWith "$zip is not a zip, or a damaged or truncated one"
      }
      zip.zip(mapOf("cat/0.png" to ByteArray(9)), "")
      fault(data) shouldBe "$zip holds no wnids.txt, and Tiny ImageNet's zip has one, in the folder $NAME; get it again"
      zip.zip(set + set.mapKeys { "again/${it.key}" })
      fault(data) shouldContain "holds 2 wnids.txt"
    }

    test("a bit turned over in any file of a zip is one clear error") {
      val data = folder()
      val zip = data.resolve("$NAME.zip").zip(set)
      val whole = zip.readBytes()
      val at = whole.indexOf("$NAME/train/n02/images/n02_1.JPEG") + NAME.length + 60
      zip.writeBytes(whole.copyOf().also { it[at] = (it[at].toInt() xor 8).toByte() })
      fault(data).let {
        it shouldStartWith "$zip!$NAME/train/n02/images/n02_1.JPEG "
        it shouldContain "get the zip again"
      }
    }

    test("a path that is not there, or is something else, is one clear error") {
      val data = folder().tree(set)
      fault(data, "path" to "nowhere") shouldBe
        "$data/nowhere does not exist; 'path' names the folder or the .zip of Tiny ImageNet"
      fault(data, "path" to "$data/$NAME/words.txt") shouldBe
        "$data/$NAME/words.txt is neither a folder nor a .zip; 'path' names one of Tiny ImageNet"
      fault(data, "path" to "$data/$NAME/train") shouldStartWith "$data/$NAME/train does not hold wnids.txt"
    }
  })

/** Where a name first stands. */
private fun ByteArray.indexOf(name: String): Int = String(this, Charsets.ISO_8859_1).indexOf(name)
