package io.github.diffusionhost.plugins.cifar

import io.github.diffusionhost.engine.support.labels
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.outputStream
import kotlin.io.path.writeBytes

/** Archives as programs write them, and as nobody should. */
class ArchiveSpec :
  FunSpec({
    extension(KeepWarnings)

    val inner = "cifar-10-batches-bin"
    val batch = entry("$inner/data_batch_1.bin", records(3, 1))
    val names = entry("$inner/batches.meta.txt", names10)

    fun archive(gz: ByteArray): Path = tempdir().toPath().also { it.resolve("cifar-10-binary.tar.gz").writeBytes(gz) }

    fun labels(tar: ByteArray): List<Int> = open(archive(gzip(tar))).use { it.labels() }

    fun fault(gz: ByteArray): String {
      val data = archive(gz)
      return shouldThrow<IOException> { open(data).close() }
        .message!!
        .also {
          it shouldStartWith "$data/cifar-10-binary.tar.gz"
          it.lines().size shouldBe 1
        }
        .removePrefix("$data/cifar-10-binary.tar.gz")
    }

    fun faultOf(tar: ByteArray): String = fault(gzip(tar))

    test("headers of pax and GNU tar, folders and links are passed over") {
      val pax = "27 mtime=1279836182.4873215\n"
      labels(
        tar(
          entry("$inner/", ByteArray(0), type = '5'),
          entry("pax_global_header", pax.toByteArray(), type = 'g'),
          entry("PaxHeaders/data_batch_1.bin", pax.toByteArray(), type = 'x'),
          batch,
          entry("././@LongLink", "a".repeat(300).toByteArray(), type = 'L'),
          entry("a".repeat(100), ByteArray(700)),
          entry("$inner/data_batch_2.bin", ByteArray(0), type = '2', link = "/etc/passwd"),
          entry("$inner/data_batch_3.bin", ByteArray(0), type = '1', link = "data_batch_1.bin"),
          names,
        )
      ) shouldContainExactly listOf(3, 1)
    }

    test("the older form without a magic, and an archive without its end blocks") {
      fun old(entry: ByteArray): ByteArray {
        val header = entry.copyOf()
        for (i in 257 until 265) header[i] = 0
        for (i in 148 until 156) header[i] = ' '.code.toByte()
        val sum = header.take(512).sumOf { it.toInt() and 255 }
        "%06o\u0000 ".format(sum).toByteArray().copyInto(header, 148)
        header[156] = '0'.code.toByte()
        return header
      }
      labels(tar(old(batch), old(names))) shouldContainExactly listOf(3, 1)
      labels(batch + names) shouldContainExactly listOf(3, 1)
    }

    test("entries that point outside write nothing") {
      val data =
        archive(gzip(tar(entry("../../evil.txt", ByteArray(5)), entry("/tmp/evil.txt", ByteArray(5)), batch, names)))
      open(data).use { it.labels() shouldContainExactly listOf(3, 1) }
      data.listDirectoryEntries().map { it.fileName.toString() } shouldContainExactly listOf("cifar-10-binary.tar.gz")
      Files.exists(data.resolve("../../evil.txt")) shouldBe false
      Files.exists(Path.of("/tmp/evil.txt")) shouldBe false
    }

    test("something else under that name is one clear error") {
      fault("no gzip".toByteArray()) shouldContain "is not gzipped, or damaged (Not in GZIP format); get it again"
      fault(ByteArray(0)) shouldBe " is truncated; get it again"
      faultOf(ByteArray(2000) { 'x'.code.toByte() }) shouldContain
        "cannot be read as a .tar.gz: a number of an entry's header is not octal"
      faultOf(ByteArray(100) { 1 }) shouldBe " is truncated; get it again"
      faultOf(ByteArray(0)) shouldContain "does not hold data_batch_1.bin"
      faultOf(tar(sample100, "cifar-100-binary")) shouldContain "does not hold data_batch_1.bin"
    }

    test("an archive cut short anywhere is one clear error") {
      val whole = gzip(tar(batch, names))
      for (length in listOf(5, 15, whole.size / 2, whole.size - 9, whole.size - 1)) {
        fault(whole.copyOf(length)) shouldBe " is truncated; get it again"
      }
      faultOf(batch.copyOf(3000)) shouldBe " is truncated; get it again"
      faultOf(batch + names.copyOf(200)) shouldBe " is truncated; get it again"
      faultOf(batch + names.copyOf(520)) shouldBe " is truncated; get it again"
    }

    test("any bit turned over in the archive's bytes is found by the gzip's checksum, after the last entry too") {
      val whole = gzip(tar(batch, names) + ByteArray(9000))
      for (at in 12 until whole.size - 4 step 37) {
        val turned = whole.copyOf().also { it[at] = (it[at].toInt() xor 8).toByte() }
        fault(turned) shouldContain "get it again"
      }
    }

    test("a header with a wrong checksum, a sign or a size that is no number is one clear error") {
      faultOf(tar(batch.copyOf().also { it[3] = 'X'.code.toByte() }, names)) shouldContain
        "the checksum of an entry's header is wrong"
      for (size in
        listOf("-0000000001", "+0000000001", "00000000009", "           ", "\u0080\u00ff\u00ff\u00ff\u00ff")) {
        faultOf(tar(entry("$inner/data_batch_1.bin", records(1), size = size), names)) shouldContain
          "a number of an entry's header is not octal"
      }
    }

    test("a file twice is one clear error") {
      faultOf(tar(batch, names, batch)) shouldContain "it holds data_batch_1.bin twice"
    }

    test("an entry that says that it has eight gigabytes costs neither memory nor time") {
      for (name in listOf("$inner/data_batch_1.bin", "other")) {
        faultOf(tar(entry(name, records(1), size = "77777777777"), names)) shouldContain
          "it unpacks to more than 1,024 MiB"
      }
    }

    test("a gzip bomb costs no memory") {
      val data = tempdir().toPath()
      // Parts of a gzip follow each other: the archive, then 17 times 64 MiB of zeros.
      val zeros = gzip(ByteArray(64 shl 20))
      data.resolve("cifar-10-binary.tar.gz").outputStream().use { out ->
        out.write(gzip(tar(batch, names)))
        repeat(17) { out.write(zeros) }
      }
      val before = allocated()
      shouldThrow<IOException> { open(data).close() }.message shouldContain "it unpacks to more than 1,024 MiB"
      allocated() - before shouldBeLessThan (8L shl 20)
    }
  })

/** Bytes that this thread has ever allocated. */
private fun allocated(): Long =
  (ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean).currentThreadAllocatedBytes
