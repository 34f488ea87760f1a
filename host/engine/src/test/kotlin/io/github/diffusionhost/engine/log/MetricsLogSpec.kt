package io.github.diffusionhost.engine.log

import io.github.diffusionhost.engine.support.SmallDisk
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.appendBytes
import kotlin.io.path.appendText
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

class MetricsLogSpec :
  FunSpec({
    val root = tempdir().toPath()
    fun file(): Path = Files.createTempDirectory(root, "run").resolve("metrics.jsonl")
    fun row(step: Long) = MetricsRow(step, step * 8, step / 2.0, mapOf("train/loss" to 1.0 / step))

    test("a line is a JSON object with its keys in the order given") {
      val file = file()
      MetricsLog.open(file).use {
        it.append(MetricsRow(50, 12800, 61.5, linkedMapOf("train/loss" to 0.71, "train/grad_norm" to 2.0, "a" to 1e-6)))
      }
      file.readText() shouldBe
        """{"step":50,"images":12800,"seconds":61.5,"train/loss":0.71,"train/grad_norm":2.0,"a":1.0E-6}""" + "\n"
    }

    test("NaN and infinities are texts, and come back as numbers") {
      val file = file()
      val values = linkedMapOf("a" to Double.NaN, "b" to Double.POSITIVE_INFINITY, "c" to Double.NEGATIVE_INFINITY)
      MetricsLog.open(file).use { it.append(MetricsRow(1, 8, 0.5, values)) }
      file.readText() shouldBe """{"step":1,"images":8,"seconds":0.5,"a":"NaN","b":"Infinity","c":"-Infinity"}""" + "\n"
      "${MetricsLog.read(file).single().values()}" shouldBe "$values"
    }

    test("a line is in the file as soon as it was added, and a log goes on where it ended") {
      val file = file()
      MetricsLog.open(file).use {
        it.append(row(1))
        MetricsLog.read(file) shouldContainExactly listOf(row(1))
      }
      MetricsLog.open(file).use { it.append(row(2)) }
      MetricsLog.read(file) shouldContainExactly listOf(row(1), row(2))
    }

    test("truncating drops the lines of later steps and nothing else is left in the folder") {
      val file = file()
      MetricsLog.open(file).use { log -> (1L..5L).forEach { log.append(row(it)) } }
      MetricsLog.truncateAfter(file, 3)
      MetricsLog.read(file) shouldContainExactly (1L..3L).map(::row)
      file.parent.listDirectoryEntries() shouldContainExactly listOf(file)
      MetricsLog.truncateAfter(file, 0)
      file.readText() shouldBe ""
    }

    test("a last line that was only half written is not read, and dropped when the log goes on") {
      val file = file()
      MetricsLog.open(file).use { it.append(row(1)) }
      file.appendText("""{"step":2,"images":16,"sec""")
      MetricsLog.read(file) shouldContainExactly listOf(row(1))
      MetricsLog.open(file).use { it.append(row(3)) }
      MetricsLog.read(file) shouldContainExactly listOf(row(1), row(3))
    }

    test("a last line cut within a letter is dropped too") {
      val file = file()
      MetricsLog.open(file).use { it.append(row(1)) }
      file.appendBytes("{\"größe".toByteArray().copyOf(5))
      MetricsLog.truncateAfter(file, 1)
      MetricsLog.read(file) shouldContainExactly listOf(row(1))
    }

    test("a log that is not there is not made by truncating it") {
      val file = file()
      MetricsLog.truncateAfter(file, 1)
      file.exists() shouldBe false
    }

    for (bad in
      listOf("hello", "[1]", "{}", """{"step":1,"images":8}""", """{"step":1,"images":8,"seconds":0,"a":[]}""", "")) {
      test("a line '$bad' is an error that names file and line, and the file stays as it was") {
        val file = file()
        MetricsLog.open(file).use { it.append(row(1)) }
        file.appendText("$bad\n")
        val text = file.readText()
        shouldThrow<IOException> { MetricsLog.truncateAfter(file, 0) }.message shouldContain
          "$file, line 2: not a JSON object of numbers with step, images and seconds"
        file.readText() shouldBe text
      }
    }

    test("a full disk is an error, and the log then ends with the line before").config(enabled = SmallDisk.isPossible) {
      SmallDisk(root.resolve("disk"), "size=16k").use { disk ->
        val file = disk.path.resolve("metrics.jsonl")
        var lines = 0L
        MetricsLog.open(file).use { log ->
          shouldThrow<IOException> {
              while (true) {
                log.append(row(lines + 1))
                lines++
              }
            }
            .message shouldContain "No space left on device"
        }
        file.readText().last() shouldBe '\n'
        MetricsLog.read(file) shouldContainExactly (1..lines).map(::row)
      }
    }

    test("a metric cannot take the name of a column") {
      shouldThrow<IllegalArgumentException> { MetricsRow(1, 1, 1.0, mapOf("step" to 1.0)) }.message shouldContain
        "a metric cannot be named step"
    }

    test("a log that is a folder is an error") { shouldThrow<IOException> { MetricsLog.open(root) } }

    test("an empty file is an empty log") {
      val file = file().also { it.writeText("") }
      MetricsLog.read(file).size shouldBe 0
    }
  })
