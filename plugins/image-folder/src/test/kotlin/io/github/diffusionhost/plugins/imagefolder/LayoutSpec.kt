package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.image
import io.github.diffusionhost.engine.support.labels
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds

/** Which files become which images; each image is one pixel whose value tells which file it was. */
class LayoutSpec :
  FunSpec({
    fun folder(): Path = tempdir().toPath()

    fun fault(path: Path?, vararg values: Pair<String, Any?>, split: Split = Split.TRAIN): String =
      shouldThrow<IOException> { open(path, *values, split = split).close() }.message!!

    fun pixels(path: Path, vararg values: Pair<String, Any?>, split: Split = Split.TRAIN): List<Int> =
      open(path, "channels" to 1, *values, split = split).use { dataset -> dataset.images().map { it.single() } }

    test("every option is documented, has its default and binds") {
      val defaults = ImageFolderProvider().defaults()
      OptionsSpec.of(defaults).options().map { it.name() to it.defaultValue() } shouldContainExactly
        listOf(
          "path" to null,
          "size" to null,
          "resize" to ResizeMode.CENTER_CROP,
          "channels" to 3,
          "flip" to false,
          "mean" to 0.5f,
          "std" to 0.5f,
          "limit" to null,
        )
      options(
        Path.of("a"),
        "size" to 64,
        "resize" to "stretch",
        "channels" to 1,
        "flip" to true,
        "mean" to 0,
        "std" to 1,
        "limit" to 5,
      ) shouldBe ImageFolderOptions(Path.of("a"), 64, ResizeMode.STRETCH, 1, true, 0f, 1f, 5)
    }

    test("two channels are refused") {
      shouldThrow<IllegalArgumentException> { options(null, "channels" to 2) }.message shouldContain
        "1 (grey) or 3 (colour)"
    }

    test("no path is an error that asks for it") {
      shouldThrow<IllegalArgumentException> { open(null) }.message shouldContain "needs 'path'"
    }

    test("class folders give labels by their sorted names, images sorted within") {
      val root = folder().tree("dog/b.png", "dog/a.PNG", "cat-like/x.png", "cat/2.png", "cat/10.png", "dog/notes.txt")
      open(root, "channels" to 1, "mean" to 0.25, "std" to 2).use { dataset ->
        dataset.classNames() shouldContainExactly listOf("cat", "cat-like", "dog")
        dataset.labels() shouldContainExactly listOf(0, 0, 1, 2, 2)
        dataset.images().map { it.single() } shouldContainExactly listOf(4, 3, 2, 1, 0)
        dataset.shape() shouldBe ImageShape(1, 1, 1)
        dataset.normalization() shouldBe PixelNormalization(0.25f, 2f)
      }
    }

    test("a zip reads like the folder that was zipped, whatever the order of its entries") {
      val files = numbered("b/1.png", "a/2.png", "b/0.png", "readme.txt", ".DS_Store", "__MACOSX/a/._2.png")
      val zip = folder().resolve("images.ZIP").zip(files)
      open(zip, "channels" to 1).use { dataset ->
        dataset.classNames() shouldContainExactly listOf("a", "b")
        dataset.labels() shouldContainExactly listOf(0, 1, 1)
        dataset.images() shouldBe open(folder().tree(files), "channels" to 1).use { it.images() }
        dataset.images().map { it.single() } shouldContainExactly listOf(1, 2, 0)
      }
    }

    test("train and test folders are chosen by the split, with the labels of training") {
      val root = folder().tree("train/a/0.png", "train/b/1.png", "test/b/2.png")
      pixels(root) shouldContainExactly listOf(0, 1)
      open(root, "channels" to 1, split = Split.TEST).use { test ->
        test.classNames() shouldContainExactly listOf("a", "b")
        test.labels() shouldContainExactly listOf(1)
        test.image(0) shouldContainExactly listOf(2)
      }
    }

    test("val stands in for test") {
      val root = folder().tree("train/a/0.png", "val/a/1.png")
      pixels(root, split = Split.TEST) shouldContainExactly listOf(1)
    }

    test("class folders may hold folders, as in Tiny ImageNet") {
      val root =
        folder()
          .tree("train/n01/images/n01_0.JPEG.png", "train/n01/n01_boxes.txt", "train/n02/images/n02_0.png", "wnids.txt")
      open(root, "channels" to 1).use { dataset ->
        dataset.classNames() shouldContainExactly listOf("n01", "n02")
        dataset.labels() shouldContainExactly listOf(0, 1)
      }
    }

    test("one folder around everything is passed over") {
      pixels(folder().resolve("a.zip").zip(numbered("set/train/a/0.png", "set/train/b/1.png"))) shouldContainExactly
        listOf(0, 1)
      open(folder().tree("set/a/0.png", "set/b/1.png"), "channels" to 1).use {
        it.classNames() shouldContainExactly listOf("a", "b")
      }
    }

    test("images without folders have no classes, with or without splits") {
      for (root in listOf(folder().tree("1.png", "0.png"), folder().tree("train/1.png", "train/0.png", "test/0.png"))) {
        open(root, "channels" to 1).use { dataset ->
          dataset.classNames().shouldBeEmpty()
          dataset.images().map { it.single() } shouldContainExactly listOf(1, 0)
        }
      }
    }

    test("a class may be called train, beside other classes") {
      open(folder().tree("car/0.png", "train/1.png"), "channels" to 1).use {
        it.classNames() shouldContainExactly listOf("car", "train")
      }
    }

    test("limit takes images from the classes in turn") {
      val root = folder().tree("a/0.png", "a/1.png", "a/2.png", "b/3.png", "c/4.png", "c/5.png")
      pixels(root, "limit" to 4) shouldContainExactly listOf(0, 1, 3, 4)
      pixels(root, "limit" to 2) shouldContainExactly listOf(0, 3)
      pixels(root, "limit" to 60) shouldContainExactly listOf(0, 1, 2, 3, 4, 5)
    }

    test("images can be read in any order and again") {
      val root = folder().tree(*Array(300) { "%03d.png".format(it) }.take(256).toTypedArray())
      open(root, "channels" to 1).use { dataset ->
        for (i in listOf(0, 1, 2, 255, 0, 100, 101, 100)) dataset.image(i) shouldContainExactly listOf(i)
      }
    }

    test("closing ends the threads that decode ahead") {
      fun decoding() = Thread.getAllStackTraces().keys.filter { it.name == "image-folder" && it.isAlive }
      eventually(5.seconds) { decoding().shouldBeEmpty() }
      val dataset = open(folder().tree("0.png", "1.png", "2.png"))
      dataset.image(0)
      decoding().shouldNotBeEmpty()
      dataset.close()
      eventually(5.seconds) { decoding().shouldBeEmpty() }
    }

    test("an image is written at its offset and nowhere else") {
      open(folder().tree(mapOf("0.png" to grey(2, 1, 5, 6))), "channels" to 1).use { dataset ->
        val target = ByteArray(4) { 99 }
        dataset.read(0, target, 1)
        target shouldBe byteArrayOf(99, 5, 6, 99)
      }
    }

    test("a relative path is looked for in the data folder") {
      val data = folder()
      data.tree("pictures/0.png")
      open(Path.of("pictures"), data = data).use { it.size() shouldBe 1 }
      shouldThrow<IOException> { open(Path.of("elsewhere"), data = data) }.message shouldBe
        "elsewhere is neither in the working directory (${Path.of("").toAbsolutePath()}) nor in the data folder ($data)"
    }

    test("a folder reached through a link is read, and a loop of links is one clear error") {
      val root = folder().tree("real/0.png")
      val looped = folder().tree("a/0.png")
      Files.createSymbolicLink(root.resolve("link"), root.resolve("real"))
      Files.createSymbolicLink(looped.resolve("a/again"), looped)
      open(root, "channels" to 1).use { it.classNames() shouldContainExactly listOf("link", "real") }
      fault(looped) shouldContain "$looped cannot be listed"
    }

    test("trainA and testA are training and test images") {
      val root = folder().tree("trainA/a/0.png", "trainA/b/1.png", "testA/a/2.png")
      pixels(root) shouldContainExactly listOf(0, 1)
      pixels(root, split = Split.TEST) shouldContainExactly listOf(2)
      val two = folder().tree("trainA/0.png", "trainB/1.png", "testA/2.png", "testB/3.png")
      fault(two) shouldContain "holds training images in trainA and trainB, and which of these is meant is not known"
    }

    test("a folder with test images of its own is no class") {
      val root = folder().tree("bottle/train/good/0.png", "bottle/test/broken/1.png", "cable/train/good/2.png")
      fault(root) shouldContain "$root/bottle has folders train and test, as a dataset of its own; name that folder"
    }

    test("a wrong layout is one clear error") {
      val none = folder()
      fault(none.resolve("no")) shouldBe
        "${none.resolve("no")} does not exist; 'path' names a folder or a .zip of images"
      fault(none) shouldBe "$none holds no images (.png, .jpg, .jpeg)"
      val text = folder().tree("a/readme.txt")
      fault(text) shouldContain "holds no images"
      fault(text.resolve("a/readme.txt")) shouldContain "is neither a folder nor a .zip"
      val empty = folder().tree("cat/0.png", "dog/")
      fault(empty) shouldBe "class folder $empty/dog holds no images; fill it or remove it"
      val loose = folder().tree("cat/0.png", "stray.png")
      fault(loose) shouldBe "$loose/stray.png lies beside class folders and belongs to none; move it into one"
      val beside = folder().tree("train/a/0.png", "other/1.png")
      fault(beside) shouldContain "has a folder 'train' of class folders and beside it images in other"
    }

    test("a split that is not there is one clear error") {
      val classes = folder().tree("a/0.png")
      fault(classes, split = Split.TEST) shouldContain "has no test images: put them into a folder 'test' (or 'val')"
      val onlyTrain = folder().tree("train/a/0.png")
      fault(onlyTrain, split = Split.TEST) shouldContain "no images in a folder 'test' or 'val'"
      fault(folder().tree("test/a/0.png")) shouldContain "no images in a folder 'train'"
      val strange = folder().tree("train/a/0.png", "train/b/1.png", "test/c/2.png")
      fault(strange, split = Split.TEST) shouldBe
        "$strange/test/c/2.png is in no class folder of the training images (a, b)"
    }

    test("the parts of a dataset are found in any case, in other words, and twice") {
      for ((train, test) in
        listOf(
          "Train" to "Test",
          "TRAINING" to "testing",
          "training_set" to "test_set",
          "train" to "Valid",
          "seg_train" to "seg_test",
          "training_set/training_set" to "test_set/test_set",
        )) {
        val files = numbered("$train/cat/0.png", "$train/dog/1.png", "$test/dog/2.png")
        for (root in listOf(folder().tree(files), folder().resolve("a.zip").zip(files.mapKeys { "set/${it.key}" }))) {
          open(root, "channels" to 1).use { dataset ->
            dataset.classNames() shouldContainExactly listOf("cat", "dog")
            dataset.images() shouldContainExactly listOf(listOf(0), listOf(1))
          }
          open(root, "channels" to 1, split = Split.TEST).use { dataset ->
            dataset.labels() shouldContainExactly listOf(1)
            dataset.images() shouldContainExactly listOf(listOf(2))
          }
        }
      }
    }

    test("two folders of training images are one clear error, and classes that end in such words stay classes") {
      val two = folder().tree("train/a/0.png", "Training/a/1.png")
      fault(two) shouldBe
        "$two holds training images in Training and train, and which of these is meant is not known; keep one"
      open(folder().tree("bullet_train/0.png", "car/1.png"), "channels" to 1).use {
        it.classNames() shouldContainExactly listOf("bullet_train", "car")
      }
    }

    test("an empty class folder inside a zip is found") {
      val zip = folder().resolve("a.zip").zip(mapOf("dog/" to ByteArray(0)) + numbered("cat/0.png"))
      fault(zip) shouldBe "class folder $zip!dog holds no images; fill it or remove it"
    }
  })
