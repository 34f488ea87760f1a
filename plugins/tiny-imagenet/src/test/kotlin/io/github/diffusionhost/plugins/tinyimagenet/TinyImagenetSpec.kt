package io.github.diffusionhost.plugins.tinyimagenet

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.engine.support.image
import io.github.diffusionhost.engine.support.labels
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import javax.imageio.ImageIO

/** Which files become which images, by sets whose images are of one grey value each. */
class TinyImagenetSpec :
  FunSpec({
    extension(KeepWarnings)

    fun folder(): Path = tempdir().toPath()

    test("every option is documented, has its default and binds") {
      OptionsSpec.of(defaults).options().map { it.name() to it.defaultValue() } shouldContainExactly
        listOf("labels" to true, "flip" to false, "mean" to 0.5f, "std" to 0.5f, "path" to null, "limit" to null)
      options("labels" to false, "flip" to true, "mean" to 0f, "std" to 1f, "path" to "a/b", "limit" to 9) shouldBe
        TinyImagenetOptions(false, true, 0f, 1f, Path.of("a/b"), 9)
    }

    test("labels follow the sorted ids, and images come from the classes in turn") {
      open(folder().tree(set)).use {
        it.shape() shouldBe ImageShape(3, 64, 64)
        it.classNames() shouldContainExactly listOf("goldfish", "bell toad")
        it.labels() shouldContainExactly listOf(0, 1, 0, 1, 0)
        it.greys() shouldContainExactly listOf(10, 110, 20, 120, 30)
        it.normalization() shouldBe PixelNormalization.SIGNED
        it.mapped() shouldBe true
      }
    }

    test("the test split is the validation images with the classes of their annotations") {
      open(folder().tree(set), split = Split.TEST).use {
        it.labels() shouldContainExactly listOf(0, 1)
        it.greys() shouldContainExactly listOf(210, 200)
        it.classNames() shouldContainExactly listOf("goldfish", "bell toad")
      }
    }

    test("a zip reads like the folder, with a folder around everything or without") {
      for (under in listOf("$NAME/", "", "a/b/")) {
        val zip = folder().resolve("set.ZIP").zip(mapOf(".DS_Store" to ByteArray(1)) + set, under)
        open(folder(), "path" to "$zip").use {
          it.labels() shouldContainExactly listOf(0, 1, 0, 1, 0)
          it.greys() shouldContainExactly listOf(10, 110, 20, 120, 30)
        }
      }
    }

    test("without labels there are no class names and the same images") {
      open(folder().tree(set), "labels" to false, "mean" to 0, "std" to 1).use {
        it.classNames().shouldBeEmpty()
        it.greys() shouldContainExactly listOf(10, 110, 20, 120, 30)
        it.normalization() shouldBe PixelNormalization(0f, 1f)
        shouldThrow<IllegalStateException> { it.label(0) }.message shouldBe "labels: false"
      }
    }

    test("a limit takes images from the classes in turn; one that is too large takes all") {
      val data = folder().tree(set)
      open(data, "limit" to 3).use { it.greys() shouldContainExactly listOf(10, 110, 20) }
      open(data, "limit" to 6).use { it.size() shouldBe 5 }
      open(data, "limit" to 6, split = Split.TEST).use { it.size() shouldBe 2 }
    }

    test("planes are red, green, blue, row by row") {
      val image = BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)
      for (y in 0 until 64) for (x in 0 until 64) image.setRGB(x, y, if (y < 32) 0xC86432 else 0x3264C8)
      val file = ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray()
      open(folder().tree(set + ("train/n01/images/n01_0.JPEG" to file))).use {
        val pixels = it.image(0)
        for ((c, values) in listOf(200 to 50, 100 to 100, 50 to 200).withIndex()) {
          for (row in listOf(0, 20)) pixels[4096 * c + 64 * row + 7] shouldBeInRange values.first - 3..values.first + 3
          for (row in listOf(40, 63)) pixels[4096 * c + 64 * row + 7] shouldBeInRange
            values.second - 3..values.second + 3
        }
      }
    }

    test("a grey JPEG keeps its value in all three colours") {
      val grey = jpeg(77, type = BufferedImage.TYPE_BYTE_GRAY)
      open(folder().tree(set + ("train/n01/images/n01_0.JPEG" to grey))).use {
        it.image(0) shouldContainExactly List(3 * 64 * 64) { 77 }
      }
    }

    test("an image is written at its offset and nowhere else") {
      open(folder().tree(set)).use {
        val target = ByteArray(3 * 64 * 64 + 2) { 99 }
        it.read(2, target, 1)
        listOf(target.first(), target[1], target[3 * 64 * 64], target.last()).map(Byte::toInt) shouldContainExactly
          listOf(99, 20, 20, 99)
      }
    }

    test("classes whose words are the same, or missing, are told apart by their ids") {
      val ids = mapOf("wnids.txt" to "n03\nn02\nn01\n".toByteArray(), "train/n03/images/a.jpg" to jpeg(1))
      fun names(words: String) =
        open(folder().tree(set + ids + ("words.txt" to words.toByteArray()))).use { it.classNames() }
      names("n01\tcrane, bird\nn02\tcrane\n") shouldContainExactly listOf("crane (n01)", "crane (n02)", "n03")
      lateinit var names: List<String>
      logged { names = open(folder().tree(set - "words.txt")).use { it.classNames() } }
        .single { "words.txt" in it } shouldContain "classes are called by their ids"
      names shouldContainExactly listOf("n01", "n02")
    }

    test("a set that is not the published one is used, and said to be so") {
      val data = folder().tree(set)
      logged { open(data).close() }.single { "as published" in it } shouldBe
        "$data/$NAME is not Tiny ImageNet as published: 5 of its 100000 training images"
      logged { open(data, split = Split.TEST).close() }.single { "as published" in it } shouldContain
        "2 of its 10000 validation images"
    }

    test("the folder is preferred to the zip and the zip to the sample; a folder around the folder is passed over") {
      val data = folder().tree(set - "train/n01/images/n01_0.JPEG", "$NAME-sample")
      open(data).use { it.size() shouldBe 4 }
      data.resolve("$NAME.zip").zip(set)
      open(data).use { it.size() shouldBe 5 }
      data.tree(set + ("train/n01/images/n01_3.JPEG" to jpeg(40)))
      open(data).use { it.size() shouldBe 6 }
      open(folder(), "path" to "$data").use { it.size() shouldBe 6 }
    }

    test("a relative path is looked for in the data folder") {
      open(folder().tree(set, "mine"), "path" to "mine").use { it.size() shouldBe 5 }
    }

    test("where there is nothing, the published zip is downloaded into the data folder") {
      val data = folder()
      val context = PlayedFolder(data) { data.resolve("$NAME.zip").zip(set) }
      TinyImagenetProvider().open(defaults, context).use { it.size() shouldBe 5 }
      context.downloads.single().let {
        it.path() shouldBe "$NAME.zip"
        it.bytes() shouldBe 248_100_043
        it.mirrors().map { mirror -> mirror.host } shouldContainExactly List(2) { "cs231n.stanford.edu" }
      }
    }

    test("the sample has 25 training and 5 validation images of each of 20 classes").config(
      enabledOrReasonIf = {
        if (sample != null) Enabled.enabled else Enabled.disabled("../shared/data/$NAME-sample is not there")
      }
    ) {
      val data = folder()
      for ((split, each) in listOf(Split.TRAIN to 25, Split.TEST to 5)) {
        open(data, "path" to "$sample", split = split).use {
          it.classNames().size shouldBe 20
          it.labels().groupingBy { label -> label }.eachCount() shouldBe (0 until 20).associateWith { each }
          it.labels().take(20) shouldContainExactly (0 until 20).toList()
        }
      }
      // Beside another decoding of the first class's first file, by Java's own way to RGB.
      val first = ImageIO.read(sample!!.resolve("train/n00000001/images/n00000001_0.JPEG").toFile())
      open(data, "path" to "$sample").use {
        it.image(0) shouldContainExactly
          (0 until 3 * 4096).map { i -> first.getRGB(i % 64, i % 4096 / 64) shr (16 - 8 * (i / 4096)) and 255 }
      }
      Files.list(data).use { it.map(Path::getFileName).map(Path::toString).toList() } shouldContainExactly
        listOf("tiny-imagenet")
    }
  })
