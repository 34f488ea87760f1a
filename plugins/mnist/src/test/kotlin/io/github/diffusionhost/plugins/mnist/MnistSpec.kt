package io.github.diffusionhost.plugins.mnist

import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.engine.support.image
import io.github.diffusionhost.engine.support.labels
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeBytes
import org.slf4j.LoggerFactory

class MnistSpec :
  FunSpec({
    extension(KeepWarnings)

    val provider = MnistProvider()
    val defaults = provider.defaults()
    val digits = (0..9).map(Int::toString)

    fun options(vararg values: Pair<String, Any?>) = OptionsSpec.of(defaults).create(mapOf(*values))

    fun folder(): Path = tempdir().toPath()

    test("every option is documented, has the default of recipe R3 and binds") {
      OptionsSpec.of(defaults).options().map { it.name() to it.defaultValue() } shouldContainExactly
        listOf("blackWhite" to 0, "folder" to null, "limit" to null, "mean" to 0.5f, "std" to 0.3081f)
      options("blackWhite" to 3, "folder" to "a/b", "limit" to 9, "mean" to 0.25, "std" to 2) shouldBe
        MnistOptions(3, Path.of("a/b"), 9, 0.25f, 2f)
    }

    test("the preset 'published' adds the 2,000 black and white images of recipe R3") {
      provider.presets()["published"] shouldBe MnistOptions(1_000, null, null, 0.5f, 0.3081f)
    }

    test("images and labels come as the files say") {
      val data = folder().writeTraining()
      provider.open(defaults, PlayedFolder(data)).use { mnist ->
        mnist.shape() shouldBe ImageShape(1, 2, 3)
        mnist.size() shouldBe 2
        mnist.classNames() shouldContainExactly digits
        mnist.labels() shouldContainExactly listOf(7, 2)
        mnist.image(0) shouldContainExactly listOf(0, 1, 2, 3, 4, 5)
        mnist.image(1) shouldContainExactly listOf(6, 7, 8, 9, 10, 255)
        mnist.normalization() shouldBe PixelNormalization(0.5f, 0.3081f)
        val target = ByteArray(8) { 99 }
        mnist.read(0, target, 1)
        target shouldBe byteArrayOf(99, 0, 1, 2, 3, 4, 5, 99)
      }
    }

    test("files are found in 'mnist' of the data folder, in the data folder, or in the folder given") {
      for (under in listOf("mnist", ".")) {
        val context = PlayedFolder(folder().writeTraining(under = under))
        provider.open(defaults, context).size() shouldBe 2
        context.downloads.shouldBeEmpty()
      }
      val elsewhere = folder().writeTraining(under = "digits")
      provider.open(options("folder" to "$elsewhere/digits"), PlayedFolder(folder())).size() shouldBe 2
      provider.open(options("folder" to "digits"), PlayedFolder(elsewhere)).size() shouldBe 2
    }

    test("files with a dot in their names are read, as some unpackers write them") {
      val data = folder().writeTraining(imagesName = "train-images.idx3-ubyte", labelsName = "train-labels.idx1-ubyte")
      provider.open(defaults, PlayedFolder(data)).labels() shouldContainExactly listOf(7, 2)
      provider.open(options("folder" to "$data/mnist"), PlayedFolder(folder())).size() shouldBe 2
    }

    test("a folder that is given may hold EMNIST's digits, or be the one that torchvision makes") {
      val emnist = folder()
      for (split in listOf("train", "test")) {
        emnist.writeTraining(
          labels = if (split == "train") idxLabels(3, 4) else idxLabels(5, 6),
          imagesName = "emnist-digits-$split-images-idx3-ubyte",
          labelsName = "emnist-digits-$split-labels-idx1-ubyte",
        )
      }
      val given = options("folder" to "$emnist/mnist")
      provider.open(given, PlayedFolder(folder())).labels() shouldContainExactly listOf(3, 4)
      provider.open(given, PlayedFolder(folder(), Split.TEST)).labels() shouldContainExactly listOf(5, 6)
      emnist.writeTraining(
        imagesName = "emnist-mnist-train-images-idx3-ubyte",
        labelsName = "emnist-mnist-train-labels-idx1-ubyte",
      )
      shouldThrow<IOException> { provider.open(given, PlayedFolder(folder())) }.message shouldBe
        "$emnist/mnist holds emnist-digits-train-images-idx3-ubyte and emnist-mnist-train-images-idx3-ubyte, and " +
          "which of them is meant is not known; move one elsewhere"
      val torchvision = folder().writeTraining(under = "MNIST/raw")
      provider.open(options("folder" to "$torchvision"), PlayedFolder(folder())).size() shouldBe 2
    }

    test("letters are no damaged digits: the message does not ask to get them again") {
      val data = folder()
      data.writeTraining(
        labels = gzip(idxLabels(1, 26)),
        imagesName = "emnist-letters-train-images-idx3-ubyte",
        labelsName = "emnist-letters-train-labels-idx1-ubyte.gz",
      )
      val message =
        shouldThrow<IOException> { provider.open(options("folder" to "$data/mnist"), PlayedFolder(data)) }.message!!
      message shouldContain "labels 1 to 26 are no digits"
      message shouldNotContain "again"
    }

    test("a file may be gzipped and its partner not") {
      val data = folder()
      data.writeTraining(labels = gzip(idxLabels(4, 5)), labelsName = "train-labels-idx1-ubyte.gz")
      provider.open(defaults, PlayedFolder(data)).labels() shouldContainExactly listOf(4, 5)
    }

    test("a given folder without the files is an error that names them, and nothing is downloaded") {
      val empty = folder()
      val context = PlayedFolder(folder())
      shouldThrow<IOException> { provider.open(options("folder" to "$empty"), context) }.message shouldBe
        "$empty does not hold train-images-idx3-ubyte and train-labels-idx1-ubyte; put them there, gzipped (.gz) or not"
      shouldThrow<IOException> { provider.open(options("folder" to "$empty/no"), context) }.message shouldContain
        "is no folder"
      context.downloads.shouldBeEmpty()
    }

    test("what is missing is downloaded, and only that") {
      val data = folder().writeTraining()
      data.resolve("mnist/train-labels-idx1-ubyte").deleteExisting()
      val context =
        PlayedFolder(data) { data.resolve("mnist/train-labels-idx1-ubyte.gz").writeBytes(gzip(idxLabels(1, 0))) }
      provider.open(defaults, context).labels() shouldContainExactly listOf(1, 0)
      val file = context.downloads.single()
      file.path() shouldBe "mnist/train-labels-idx1-ubyte.gz"
      file.bytes() shouldBe 28_881
      file.sha256() shouldBe "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
      file.mirrors().map { it.toString() } shouldContainExactly
        listOf(
          "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz",
          "https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz",
        )
    }

    test("the test split asks for its own two files; a failed download is passed on") {
      val context = PlayedFolder(folder(), Split.TEST) { throw IOException("no network") }
      shouldThrow<IOException> { provider.open(defaults, context) }.message shouldBe "no network"
      context.downloads.map { it.path() to it.bytes() } shouldContainExactly
        listOf("mnist/t10k-images-idx3-ubyte.gz" to 1_648_877L, "mnist/t10k-labels-idx1-ubyte.gz" to 4_542L)
    }

    test("black and white images follow the digits in training; the test split has the names alone") {
      val data = folder().writeTraining()
      provider.open(options("blackWhite" to 2), PlayedFolder(data)).use { mnist ->
        mnist.classNames() shouldContainExactly digits + listOf("black", "white")
        mnist.labels() shouldContainExactly listOf(7, 2, 10, 10, 11, 11)
        mnist.image(3) shouldContainExactly List(6) { 0 }
        mnist.image(4) shouldContainExactly List(6) { 255 }
        mnist.image(1) shouldContainExactly listOf(6, 7, 8, 9, 10, 255)
      }
      data.writeTraining(imagesName = "t10k-images-idx3-ubyte", labelsName = "t10k-labels-idx1-ubyte")
      provider.open(options("blackWhite" to 2), PlayedFolder(data, Split.TEST)).use { mnist ->
        mnist.classNames() shouldContainExactly digits + listOf("black", "white")
        mnist.labels() shouldContainExactly listOf(7, 2)
      }
    }

    test("limit takes the first images of the files; black and white ones are added to them") {
      val data = folder().writeTraining()
      provider.open(options("limit" to 1, "blackWhite" to 1), PlayedFolder(data)).use { mnist ->
        mnist.labels() shouldContainExactly listOf(7, 10, 11)
        mnist.image(0) shouldContainExactly listOf(0, 1, 2, 3, 4, 5)
      }
      provider.open(options("limit" to 99), PlayedFolder(data)).size() shouldBe 2
    }

    test("content that is not the published one is used with a warning for each file") {
      val log = LoggerFactory.getLogger("io.github.diffusionhost.plugins.mnist") as Logger
      val seen = ListAppender<ILoggingEvent>().apply { start() }
      log.addAppender(seen)
      try {
        val data = folder().writeTraining()
        provider.open(defaults, PlayedFolder(data)).size() shouldBe 2
        seen.list.map { it.level.toString() } shouldContainExactly listOf("WARN", "WARN")
        seen.list[0].formattedMessage shouldContain
          "$data/mnist/train-images-idx3-ubyte is not the published MNIST; used as it is"
        realData?.let { real ->
          seen.list.clear()
          provider.open(defaults, PlayedFolder(real, Split.TEST)).size() shouldBe 10_000
          provider.open(defaults, PlayedFolder(real)).size() shouldBe 60_000
          seen.list.map { it.formattedMessage }.shouldBeEmpty()
        }
      } finally {
        log.detachAppender(seen)
      }
    }

    test("an empty data folder that stays empty after the download is an error") {
      val data = folder().resolve("new").createDirectories()
      shouldThrow<IOException> { provider.open(defaults, PlayedFolder(data) {}) }.message shouldContain "put them there"
    }
  })
