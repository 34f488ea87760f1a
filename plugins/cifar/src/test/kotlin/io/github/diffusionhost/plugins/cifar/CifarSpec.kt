package io.github.diffusionhost.plugins.cifar

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
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeBytes
import org.slf4j.LoggerFactory

@Tags("Slow")
class CifarSpec :
  FunSpec({
    extension(KeepWarnings)

    fun folder(): Path = tempdir().toPath()

    test("every option is documented, has its default and binds") {
      OptionsSpec.of(defaults).options().map { it.name() to it.defaultValue() } shouldContainExactly
        listOf(
          "variant" to CifarVariant.CIFAR10,
          "labels" to CifarLabels.FINE,
          "flip" to false,
          "mean" to 0.5f,
          "std" to 0.5f,
          "path" to null,
          "limit" to null,
        )
      options(
        "variant" to "cifar100",
        "labels" to "coarse",
        "flip" to true,
        "mean" to 0f,
        "std" to 1f,
        "path" to "a/b",
        "limit" to 9,
      ) shouldBe CifarOptions(CifarVariant.CIFAR100, CifarLabels.COARSE, true, 0f, 1f, Path.of("a/b"), 9)
    }

    test("the presets are the two sets") {
      CifarProvider().presets().mapValues { it.value.variant() to it.value.labels() } shouldBe
        mapOf(
          "cifar10" to (CifarVariant.CIFAR10 to CifarLabels.FINE),
          "cifar100" to (CifarVariant.CIFAR100 to CifarLabels.FINE),
        )
    }

    test("CIFAR-10 has no coarse labels") {
      shouldThrow<IllegalArgumentException> { options("labels" to "coarse") }.message shouldBe
        "labels is coarse, and cifar10 has fine labels only; choose fine or none, or cifar100"
    }

    test("records of CIFAR-10 come in the order of their files, planes red, green, blue") {
      open(folder().tree(sample10)).use { cifar ->
        cifar.shape() shouldBe ImageShape(3, 32, 32)
        cifar.classNames() shouldContainExactly List(10) { "class $it" }
        cifar.labels() shouldContainExactly listOf(3, 1, 4, 9)
        for ((i, label) in listOf(3, 1, 4, 9).withIndex()) cifar.image(i) shouldContainExactly pixels(label)
        cifar.normalization() shouldBe PixelNormalization.SIGNED
        val target = ByteArray(3074) { 99 }
        cifar.read(3, target, 1)
        target.map { it.toInt() and 255 } shouldContainExactly listOf(99) + pixels(9) + 99
      }
    }

    test("pixels are as the options say") {
      open(folder().tree(sample10), "mean" to 0f, "std" to 1f).use {
        it.normalization() shouldBe PixelNormalization(0f, 1f)
      }
    }

    test("the test split is its own file") {
      open(folder().tree(sample10), split = Split.TEST).use { it.labels() shouldContainExactly listOf(2, 7) }
    }

    test("CIFAR-100 gives fine labels, coarse ones, or none") {
      val data = folder().tree(sample100, "cifar-100-binary")
      open(data, "variant" to "cifar100").use { cifar ->
        cifar.classNames() shouldContainExactly List(100) { "fine $it" }
        cifar.labels() shouldContainExactly listOf(99, 5, 98)
        cifar.image(1) shouldContainExactly pixels(5)
      }
      open(data, "variant" to "cifar100", "labels" to "coarse").use { cifar ->
        cifar.classNames() shouldContainExactly List(20) { "coarse $it" }
        cifar.labels() shouldContainExactly listOf(19, 0, 19)
      }
      open(data, "variant" to "cifar100", "labels" to "none", split = Split.TEST).use { cifar ->
        cifar.classNames().shouldBeEmpty()
        cifar.image(0) shouldContainExactly pixels(2)
      }
    }

    test("without labels the file of their names need not be there") {
      open(folder().tree(sample10 - "batches.meta.txt"), "labels" to "none").use { it.size() shouldBe 4 }
    }

    test("limit takes the first images") {
      val data = folder().tree(sample10)
      open(data, "limit" to 2).use { it.labels() shouldContainExactly listOf(3, 1) }
      // Two records of each file are kept in memory, and three images asked for: the order stays.
      open(data, "limit" to 4).use { it.labels() shouldContainExactly listOf(3, 1, 4, 9) }
      open(data, "limit" to 99).use { it.size() shouldBe 4 }
    }

    test("an archive reads as the folder that it holds, whatever the order of its entries") {
      for ((variant, files) in listOf("cifar10" to sample10, "cifar100" to sample100)) {
        val name = if (variant == "cifar10") "cifar-10" else "cifar-100"
        val inner = if (variant == "cifar10") "cifar-10-batches-bin" else "cifar-100-binary"
        val unpacked = folder().tree(files, inner)
        val packed = folder()
        for (order in listOf(files.toList(), files.toList().reversed())) {
          packed.resolve("$name-binary.tar.gz").writeBytes(gzip(tar(order.toMap(), inner)))
          for (split in Split.entries) {
            open(packed, "variant" to variant, split = split).use { archive ->
              open(unpacked, "variant" to variant, split = split).use { plain ->
                archive.labels() shouldContainExactly plain.labels()
                archive.classNames() shouldContainExactly plain.classNames()
                for (i in 0 until plain.size()) archive.image(i) shouldContainExactly plain.image(i)
              }
            }
          }
        }
      }
    }

    test("a path is a folder, the folder around it, or an archive; a relative one lies in the data folder") {
      val data = folder().tree(sample10, "own/cifar-10-batches-bin").tree(sample10, "mine")
      data.resolve("a.TGZ").writeBytes(gzip(tar(sample10, "anything")))
      for (path in listOf("own", "own/cifar-10-batches-bin", "mine", "$data/mine", "a.TGZ", "$data/a.TGZ")) {
        open(data, "path" to path).use { it.labels() shouldContainExactly listOf(3, 1, 4, 9) }
      }
    }

    test("a path that is no set is one clear error, and nothing is downloaded") {
      val data = folder().tree(mapOf("notes.txt" to ByteArray(1)), "own")
      fun fault(path: String) = shouldThrow<IOException> { open(data, "path" to path) }.message
      fault("no") shouldBe
        "$data/no does not exist; 'path' names a folder of CIFAR-10's binary files, or cifar-10-binary.tar.gz"
      fault("own/notes.txt") shouldContain "notes.txt is neither a folder nor a .tar.gz"
      fault("own") shouldContain "$data/own does not hold data_batch_1.bin, data_batch_2.bin"
    }

    test("what is not there is downloaded; what is there is not") {
      val empty = folder().resolve("new").createDirectories()
      val context =
        PlayedFolder(empty) {
          empty.resolve("cifar-10-binary.tar.gz").writeBytes(gzip(tar(sample10, "cifar-10-batches-bin")))
        }
      CifarProvider().open(defaults, context).use { it.size() shouldBe 4 }
      val file = context.downloads.single()
      file.path() shouldBe "cifar-10-binary.tar.gz"
      file.mirrors().map { it.toString() } shouldContainExactly
        listOf("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")
      file.bytes() shouldBe 170_052_171
      file.sha256() shouldBe "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
      CifarProvider().open(defaults, context).use { it.size() shouldBe 4 }
      context.downloads.size shouldBe 1
    }

    test("CIFAR-100 asks for its own archive; a failed download is passed on") {
      val context = PlayedFolder(folder()) { throw IOException("no network") }
      shouldThrow<IOException> { CifarProvider().open(options("variant" to "cifar100"), context) }.message shouldBe
        "no network"
      context.downloads.map { it.path() to it.bytes() } shouldContainExactly
        listOf("cifar-100-binary.tar.gz" to 168_513_733L)
    }

    test("a folder comes before an archive, and both before a sample") {
      val data =
        folder()
          .tree(mapOf("test_batch.bin" to records(1), "batches.meta.txt" to names10), "cifar-10-batches-bin-sample")
      fun label() = open(data, split = Split.TEST).use { it.labels().single() }
      label() shouldBe 1
      data
        .resolve("cifar-10-binary.tar.gz")
        .writeBytes(gzip(tar(mapOf("test_batch.bin" to records(2), "batches.meta.txt" to names10), "x")))
      label() shouldBe 2
      data.tree(mapOf("test_batch.bin" to records(3), "batches.meta.txt" to names10))
      label() shouldBe 3
    }

    test("a sample is used with one warning that says how much it is") {
      val log = LoggerFactory.getLogger("io.github.diffusionhost.plugins.cifar") as Logger
      val seen = ListAppender<ILoggingEvent>().apply { start() }
      log.addAppender(seen)
      try {
        val data = folder().tree(sample10)
        open(data).close()
        open(data, split = Split.TEST).close()
        seen.list.map { "${it.level} ${it.formattedMessage}" } shouldContainExactly
          listOf(
            "WARN $data/cifar-10-batches-bin is not the whole of CIFAR-10: 4 of its 50000 training images",
            "WARN $data/cifar-10-batches-bin is not the whole of CIFAR-10: 2 of its 10000 test images",
          )
        seen.list.clear()
        data.tree(mapOf("test_batch.bin" to ByteArray(10_000 * 3073)))
        open(data, split = Split.TEST).use { it.size() shouldBe 10_000 }
        seen.list.shouldBeEmpty()
      } finally {
        log.detachAppender(seen)
      }
    }
  })
