package io.github.diffusionhost.app.bench

import io.github.diffusionhost.app.bench.BenchReport.Environment
import io.github.diffusionhost.app.bench.BenchReport.Memory
import io.github.diffusionhost.app.bench.BenchReport.Speed
import io.github.diffusionhost.app.bench.BenchReport.Start
import io.github.diffusionhost.app.bench.BenchReport.Train
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createDirectory
import kotlin.io.path.writeText

private val HERE =
  BenchReport(
    "tiny",
    Start(4.0, 1.5),
    Train(Speed(100.0, 90.0, 110.0, listOf(0.64)), Speed(50.0, 40.0, 60.0, listOf(1.28)), 2.0, 0.01),
    null,
    Memory(512L shl 20, null),
    null,
    Environment("cpu()", "Toy", 2, 2, "Linux", "17", "0.35.1", "2.7.1", "0.1.0", 64, 64, "fp32", 1000, emptyMap()),
  )

class ComparisonSpec :
  FunSpec({
    val folder = tempdir().toPath()

    fun against(text: String): Comparison {
      val file = folder.resolve("there.json").also { it.writeText(text) }
      return Comparison.of(HERE, Baseline.read(file))
    }

    test("another report: what both have measured, here over there") {
      val slower =
        HERE.copy(
          start = Start(8.0, 1.5),
          train = Train(Speed(80.0, 70.0, 90.0, listOf(0.8)), null, null, null),
          environment = HERE.environment.copy(host = "0.0.9"),
        )
      val comparison = against("${slower.toJson()}")
      comparison.measures.map { listOf(it.name, it.unit, it.here, it.there, it.ratio) } shouldContainExactly
        listOf(
          listOf("first step", "s", 4.0, 8.0, 0.5),
          listOf("training, compiled", "images/s", 100.0, 80.0, 1.25),
          listOf("peak resident memory", "MiB", 512.0, 512.0, 1.0),
        )
      comparison.differs.map { it.what } shouldContainExactly listOf("program")
    }

    test("a report that was compared itself is read, too") {
      val compared = HERE.toJson(against("${HERE.toJson()}"))
      val comparison = against("$compared")
      comparison.measures.map { it.ratio }.distinct() shouldContainExactly listOf(1.0)
      comparison.differs.shouldBeEmpty()
    }

    test("times of PyTorch stand against compiled and eager steps, and what is not the same is said") {
      val comparison =
        against(
          """{"model": "dit", "mode": "train", "batch": 32, "precision": "fp32", "threads": 2, "device": "cpu",
             "compile": true, "torch": "2.11.0", "parameters": 1000, "seconds_median": 0.4, "images_per_second": 80.0,
             "seconds_to_first_step": 2.0, "peak_rss_mib": 256.0}"""
        )
      comparison.measures.associate { it.name to it.ratio } shouldBe
        mapOf(
          "first step" to 2.0,
          "training, compiled" to 1.25,
          "training, eager" to 0.625,
          "peak resident memory" to 2.0,
        )
      comparison.differs.map { listOf(it.what, it.here, it.there) } shouldContainExactly
        listOf(
          listOf("batch", "64", "32"),
          listOf("program", "host 0.1.0, libtorch 2.7.1", "PyTorch 2.11.0 compiled"),
        )
      comparison.text() shouldContain "NOT THE SAME"
    }

    test("another processor, config and sampling are said") {
      val sample = BenchReport.Sample("euler", 20, 1.0, 16, Speed(8.0, 8.0, 8.0, listOf(2.0)), null)
      val here = HERE.copy(sample = sample)
      val there =
        here.copy(
          name = "other",
          sample = sample.copy(steps = 10),
          environment = HERE.environment.copy(cpu = "Swift", cores = 8),
        )
      val file = folder.resolve("other.json").also { it.writeText("${there.toJson()}") }
      Comparison.of(here, Baseline.read(file)).differs.map { listOf(it.what, it.here, it.there) } shouldContainExactly
        listOf(
          listOf("processor", "Toy, 2 cores", "Swift, 8 cores"),
          listOf("config", "tiny", "other"),
          listOf("samples", "16 images, euler in 20 steps", "16 images, euler in 10 steps"),
        )
    }

    test("times of sampling do not stand against training") {
      val comparison =
        against("""{"mode": "sample", "batch": 64, "precision": "fp32", "device": "cuda", "images_per_second": 9.0}""")
      comparison.measures.shouldBeEmpty()
      comparison.text() shouldContain "Nothing was measured in both."
      comparison.differs.map { listOf(it.what, it.here, it.there) }.first() shouldBe listOf("device", "cpu", "gpu")
    }

    val damaged =
      mapOf(
        "" to "is not what host bench --json prints",
        "[1]" to "it is no object",
        "{}" to "it has neither train and environment nor images_per_second",
        """{"train": {}, "environment": {}}""" to "is not what host bench --json prints",
        """{"batch": 1, "precision": "fp32", "device": "cpu", "images_per_second": 0}""" to
          "its training is 0.0, which nothing has measured",
        """{"batch": 1, "precision": "fp32", "device": "cpu", "images_per_second": -5}""" to
          "which nothing has measured",
        """{"batch": 1, "precision": "fp32", "device": "cpu", "images_per_second": 1e308}""" to
          "which nothing has measured",
        """{"images_per_second": NaN}""" to "is not what host bench --json prints",
        """{"images_per_second": "many"}""" to "is not what host bench --json prints",
        "x".repeat(2_000_000) to "it is larger than any measurement",
      )
    for ((text, message) in damaged) {
      test("a file with ${text.take(80).ifEmpty { "nothing" }} is wrong usage") {
        val error = shouldThrow<UserError> { against(text) }
        error.exitCode shouldBe ExitCode.USAGE
        error.message shouldContain "there.json"
        error.message shouldContain message
      }
    }

    test("a file that is not there, and a folder, are wrong usage") {
      for (path in
        listOf(folder.resolve("none.json"), folder.resolve("folder").createDirectory(), Path.of("/dev/zero"))) {
        val error = shouldThrow<UserError> { Baseline.read(path) }
        error.exitCode shouldBe ExitCode.USAGE
        error.message shouldContain "it is no file, or is not there"
      }
    }
  })
