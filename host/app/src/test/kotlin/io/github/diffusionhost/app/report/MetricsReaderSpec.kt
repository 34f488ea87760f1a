package io.github.diffusionhost.app.report

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.writeBytes

private fun line(step: Long, more: String = "") =
  """{"step":$step,"images":${step * 2},"seconds":${step / 2.0}$more}""" + "\n"

class MetricsReaderSpec :
  FunSpec({
    val root = tempdir().toPath()
    var runs = 0
    fun read(vararg lines: String) =
      readHistory(PlayedRun(root.resolve("${runs++}")).metrics(*lines).folder.resolve("metrics.jsonl"))

    fun RunHistory.steps() = List(rows, ::step)

    test("rows and columns as they were written") {
      val history = read(line(5, ""","a":1.5"""), line(10, ""","a":-2e-3,"b":7"""))
      history.steps() shouldContainExactly listOf(5, 10)
      history.images(1) shouldBe 20
      history.seconds(1) shouldBe 5.0
      history.columns.keys.toList() shouldContainExactly listOf("a", "b")
      history.columns.getValue("a")[1] shouldBe -2e-3
      history.columns.getValue("b")[0] shouldBe null
      history.damaged.shouldBeEmpty()
    }

    test("a last line that was only half written is not there yet, and that is no damage") {
      val history = read(line(5), """{"step":10,"images":20,"sec""")
      history.steps() shouldContainExactly listOf(5)
      history.damaged.shouldBeEmpty()
    }

    test("a damaged line in the middle is left out and named") {
      val history = read(line(5), "{\"step\":10,\u0000\n", "[]\n", "{\"images\":3}\n", line(15))
      history.steps() shouldContainExactly listOf(5, 15)
      history.damaged shouldContainExactly listOf(2, 3, 4)
    }

    test("bytes that are no UTF-8 damage their own line alone") {
      val file: Path = root.resolve("bytes.jsonl")
      file.writeBytes(line(5).toByteArray() + byteArrayOf(-1, -2, '\n'.code.toByte()) + line(10).toByteArray())
      val history = readHistory(file)
      history.steps() shouldContainExactly listOf(5, 10)
      history.damaged shouldContainExactly listOf(2)
    }

    test("of a run that was gone on with, the later lines count from the step where it went on") {
      val history =
        read(line(5, ""","a":1"""), line(10, ""","a":2,"old":1"""), line(15, ""","a":3"""), line(10, ""","a":9"""))
      history.steps() shouldContainExactly listOf(5, 10)
      history.last("a") shouldBe 9.0
      history.columns.keys shouldBe setOf("a")
    }

    test("NaN and infinities are values, and null is none") {
      val history = read(line(5, ""","a":"NaN","b":"-Infinity","c":null,"d":"text","e":[1],"f":true"""))
      history.columns.getValue("a")[0]!!.isNaN() shouldBe true
      history.columns.getValue("b")[0] shouldBe Double.NEGATIVE_INFINITY
      history.columns.keys shouldBe setOf("a", "b")
      history.columns.getValue("a").finiteRows().toList().shouldBeEmpty()
    }

    test("no file and an empty file have no rows") {
      readHistory(root.resolve("nothing")).rows shouldBe 0
      read("").rows shouldBe 0
    }
  })
