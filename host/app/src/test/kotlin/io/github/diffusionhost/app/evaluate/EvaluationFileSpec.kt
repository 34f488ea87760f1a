package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread
import kotlin.io.path.appendText
import kotlin.io.path.deleteExisting
import kotlin.io.path.readLines
import kotlin.io.path.writeText

private val FIRST =
  EvaluationRecord(
    step = 500,
    images = 32_000,
    metric = "fid",
    weights = "ema",
    values = mapOf("fid" to 12.5, "broken" to null),
    protocol = mapOf("generated images" to "50000"),
    seconds = 3.25,
    figures = listOf("evaluations/step-000500-ema-fid-pairs.png"),
    origin = Origin.TRAINING,
    average = "power function, width 0.1",
  )
private val SECOND = FIRST.copy(step = 100, values = mapOf("fid" to 90.0), origin = Origin.EVALUATE)

class EvaluationFileSpec :
  FunSpec({
    val path = tempfile().toPath()
    val file = EvaluationFile(path)
    val notes = mutableListOf<String>()

    fun read() = file.read { notes += it }

    beforeTest {
      path.deleteExisting()
      path.writeText("")
      notes.clear()
    }

    test("what is appended is read again, by rising step") {
      file.append(FIRST)
      file.append(SECOND)
      read() shouldContainExactly listOf(SECOND, FIRST)
      notes.shouldBeEmpty()
    }

    test("a line is an object that says everything, the origin in one word") {
      file.append(FIRST)
      path.readLines().single() shouldBe
        """{"step":500,"images":32000,"metric":"fid","weights":"ema","values":{"fid":12.5,"broken":null},""" +
          """"protocol":{"generated images":"50000"},"seconds":3.25,""" +
          """"figures":["evaluations/step-000500-ema-fid-pairs.png"],"origin":"training",""" +
          """"average":"power function, width 0.1"}"""
    }

    test("lines of before there was an origin are a person's") {
      path.writeText("""{"step":100,"images":6400,"metric":"fid","values":{"fid":90}}""" + "\n")
      read().single().run { origin to weights } shouldBe (Origin.EVALUATE to "model")
    }

    test("a file that is not there holds nothing, and appending makes it") {
      path.deleteExisting()
      read().shouldBeEmpty()
      file.append(FIRST)
      read() shouldContainExactly listOf(FIRST)
    }

    test("threads that append at once wait for each other, and no line is lost") {
      val faults = ConcurrentLinkedQueue<Throwable>()
      val steps = (1L..80L).toList()
      val writers =
        steps.chunked(20).map { mine ->
          thread {
            runCatching { for (step in mine) EvaluationFile(path).append(FIRST.copy(step = step)) }
              .onFailure(faults::add)
          }
        }
      writers.forEach(Thread::join)
      faults.toList() shouldBe emptyList()
      read().map { it.step } shouldContainExactly steps
    }

    test("a line that a killed process did not end spoils no other") {
      file.append(FIRST)
      path.appendText("""{"step":600,"ima""")
      file.append(SECOND)
      read() shouldContainExactly listOf(SECOND, FIRST)
      notes shouldContainExactly listOf("1 line of evaluations.jsonl cannot be read and is left out.")
    }

    test("what a training found of later steps can be removed, and what people found stays") {
      file.removeAfter(0)
      file.append(FIRST)
      file.append(FIRST.copy(step = 600))
      path.appendText("not JSON\n")
      file.append(SECOND.copy(step = 700))
      file.removeAfter(500)
      file.all { notes += it } shouldContainExactly listOf(FIRST, SECOND.copy(step = 700))
      notes.single() shouldBe "1 line of evaluations.jsonl cannot be read and is left out."
      val before = path.readLines()
      file.removeAfter(500)
      path.readLines() shouldContainExactly before
    }

    test("of two evaluations of one protocol the newer counts, whoever made it") {
      file.append(FIRST)
      file.append(FIRST.copy(values = mapOf("fid" to 12.0), origin = Origin.EVALUATE))
      file.append(FIRST.copy(protocol = mapOf("generated images" to "10000")))
      read().map { it.values["fid"] to it.protocol.values.single() } shouldContainExactly
        listOf(12.0 to "50000", 12.5 to "10000")
    }
  })
