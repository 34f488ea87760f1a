package io.github.diffusionhost.plugins.cifar

import io.github.diffusionhost.api.dataset.Split
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.file.Path

/** Every way in which the files of a set can be wrong: one message that names the file, the fault and the remedy. */
class BrokenCifarSpec :
  FunSpec({
    extension(KeepWarnings)

    fun fault(data: Path, variant: String = "cifar10", split: Split = Split.TRAIN): String =
      shouldThrow<IOException> { open(data, "variant" to variant, split = split).close() }
        .message!!
        .also { it.lines().size shouldBe 1 }

    data class Row(val what: String, val file: String, val content: ByteArray, val says: String)

    val two = records(3, 1)
    listOf(
        Row(
          "a byte too few",
          "data_batch_2.bin",
          two.copyOf(6145),
          "has 6,145 bytes, which is no whole number of records of 3,073",
        ),
        Row("a byte too many", "data_batch_2.bin", two + 0, "6,147 bytes"),
        Row("an empty batch", "data_batch_2.bin", ByteArray(0), "has 0 bytes"),
        Row(
          "a batch of CIFAR-100",
          "data_batch_1.bin",
          record(1, 1),
          "it may be of CIFAR-100; choose that as 'variant'",
        ),
        Row(
          "labels beyond the classes",
          "data_batch_2.bin",
          records(9, 10),
          "label 10 of record 1 is not one of 0 to 9",
        ),
        Row(
          "a batch that is too long",
          "data_batch_1.bin",
          ByteArray(10_001 * 3073),
          "holds 10,001 records, and a file of CIFAR-10 10,000 at most",
        ),
        Row(
          "nine names",
          "batches.meta.txt",
          "a\nb\nc\nd\ne\nf\ng\nh\ni\n".toByteArray(),
          "names 9 classes, and there are 10",
        ),
        Row("a name twice", "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\na\n".toByteArray(), "names 'a' twice"),
        Row(
          "names without end",
          "batches.meta.txt",
          ByteArray(1 shl 17) { 'a'.code.toByte() },
          "names too many classes",
        ),
      )
      .forEach { row ->
        test("${row.what} is one clear error") {
          val data = tempdir().toPath().tree(sample10 + (row.file to row.content))
          fault(data).let {
            it shouldStartWith "$data/cifar-10-batches-bin/${row.file}"
            it shouldContain row.says
            it shouldContain "get it again"
          }
        }
      }

    test("a whole batch beside a shortened one is one clear error") {
      val whole = ByteArray(10_000 * 3073)
      val batches = (1..5).associate { "data_batch_$it.bin" to if (it == 3) whole.copyOf(9_999 * 3073) else whole }
      val data = tempdir().toPath().tree(batches + ("batches.meta.txt" to names10))
      fault(data) shouldBe
        "$data/cifar-10-batches-bin/data_batch_3.bin has 30,726,927 of 30,730,000 bytes: it is truncated; get it again"
    }

    test("a whole batch without the others is one clear error that names them") {
      val data = tempdir().toPath().tree(sample10 + ("data_batch_1.bin" to ByteArray(10_000 * 3073)))
      fault(data) shouldBe
        "$data/cifar-10-batches-bin does not hold data_batch_3.bin, data_batch_4.bin, data_batch_5.bin of CIFAR-10's " +
          "binary version; put them there, or unpack cifar-10-binary.tar.gz again"
    }

    test("files that are missing are one clear error") {
      val data = tempdir().toPath()
      fault(data.tree(sample10 - "test_batch.bin"), split = Split.TEST) shouldBe
        "$data/cifar-10-batches-bin does not hold test_batch.bin of CIFAR-10's binary version; put it there, " +
          "or unpack cifar-10-binary.tar.gz again"
      val unnamed = tempdir().toPath()
      fault(unnamed.tree(sample10 - "batches.meta.txt")) shouldContain "does not hold batches.meta.txt"
      val other = tempdir().toPath().tree(sample10, "cifar-100-binary")
      fault(other, "cifar100") shouldContain "does not hold train.bin"
    }

    test("mislabelled CIFAR-100 is one clear error") {
      fun broken(file: String, content: ByteArray) =
        fault(tempdir().toPath().tree(sample100 + (file to content), "cifar-100-binary"), "cifar100")
      broken("train.bin", record(20, 0)) shouldContain "label 20 of record 0 is not one of 0 to 19"
      broken("train.bin", record(1, 100)) shouldContain "label 100 of record 0 is not one of 0 to 99"
      broken("train.bin", record(1, 7) + record(2, 7)) shouldContain
        "class 7 is in group 2 in record 1 and was in group 1 before"
      broken("train.bin", records(1)) shouldContain "it may be of CIFAR-10"
      broken("fine_label_names.txt", names10) shouldContain "names 10 classes, and there are 100"
    }
  })
