package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private fun JsonElement.at(path: String): JsonElement =
  path.split('.').fold(this) { element, name -> element.jsonObject.getValue(name) }

private fun JsonElement.number(path: String) = at(path).jsonPrimitive.double

/** That everything is measured and said; how fast it is, is nobody's promise. */
@Tags("Slow")
class BenchSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
    val linux = Path.of("/proc/self/status").exists()

    fun bench(vararg more: String) = inProcess("bench", "--config", "$config", "--device", "cpu", *more)

    fun json(vararg more: String): JsonElement {
      val ended = bench("--json", *more)
      ended.exit shouldBe 0
      return Json.parseToJsonElement(ended.out)
    }

    test("everything is measured, with the environment that it was measured in") {
      val report = json()
      for (path in
        listOf(
          "start.firstStepSeconds",
          "start.compileSeconds",
          "train.compiled.imagesPerSecond",
          "train.eager.imagesPerSecond",
          "train.compiledOverEager",
          "train.hostShare",
          "sample.compiled.imagesPerSecond",
          "sample.eager.imagesPerSecond",
          "roofline.stepGigaflop",
          "roofline.stepGigaflopPerSecond",
          "roofline.productPeakGigaflopPerSecond",
          "roofline.productSize",
          "roofline.convolutionPeakGigaflopPerSecond",
          "roofline.convolutionImages",
          "roofline.shareOfProductPeak",
          "environment.cores",
          "environment.threads",
          "environment.parameters",
        )) {
        report.number(path) shouldBeGreaterThan 0.0
      }
      report.number("train.hostShare") shouldBeLessThan 1.0
      report.number("start.compileSeconds") shouldBeLessThan report.number("start.firstStepSeconds")
      if (linux) report.number("memory.peakResidentBytes") shouldBeGreaterThan 1e6
      report.at("memory.deviceBytes") shouldBe JsonNull
      val planned = report.at("memory.planned").jsonObject.mapValues { it.value.jsonPrimitive.double }
      planned.getValue("weights") shouldBe 4 * report.number("environment.parameters")
      planned.getValue("part") shouldBeGreaterThan 0.0
      planned.getValue("bytes") shouldBe (planned - "bytes").values.sum()
      for (way in listOf("train.compiled", "train.eager", "sample.compiled", "sample.eager")) {
        val speed = report.at(way)
        speed.number("minImagesPerSecond") shouldBeLessThan speed.number("imagesPerSecond") + 1e-9
        speed.number("imagesPerSecond") shouldBeLessThan speed.number("maxImagesPerSecond") + 1e-9
      }
      report.at("train.compiled.seconds").jsonArray.size shouldBe 10
      report.at("sample.compiled.seconds").jsonArray.size shouldBe 2
      report.at("sample.eager.seconds").jsonArray.size shouldBe 2
      report.number("train.compiledOverEager") shouldBe
        (report.number("train.compiled.imagesPerSecond") / report.number("train.eager.imagesPerSecond") plusOrMinus
          1e-9)
      report.at("environment.device").jsonPrimitive.content shouldBe "cpu()"
      report.at("environment.precision").jsonPrimitive.content shouldBe "fp32"
      report.number("environment.batchSize") shouldBe 16.0
      report.at("roofline.type").jsonPrimitive.content shouldBe "float32"
    }

    test("the table says what the object says") {
      val ended = bench("--repeat", "1")
      ended.exit shouldBe 0
      for (words in
        listOf(
          "first step",
          "of that compiling",
          "training, compiled",
          "training, eager",
          "compiled over eager",
          "outside native code",
          "sampling, compiled",
          "sampling, eager",
          "one step",
          "peak of products",
          "peak of convolutions",
          "reached of products",
          "processor",
          "threads",
          "versions",
          "network",
          "batch",
        )) {
        ended.out.lines().count { it.startsWith(words) } shouldBe 1
      }
      ended.out shouldContain Regex("training, compiled +\\S+ +images/s +\\S+ to \\S+, 5 steps of 16 images\n")
      ended.out shouldContain Regex("sampling, compiled .*, 1 times 4 images, euler in 3 steps\n")
      ended.out shouldContain Regex("arrays of a step +\\S+ +MiB +at most: weights \\S+, .*images \\S+\n")
    }

    test("eager steps and sampling can be left out") {
      val report = json("--no-eager", "--no-sampling", "--repeat", "1")
      report.at("train.eager") shouldBe JsonNull
      report.at("train.compiledOverEager") shouldBe JsonNull
      report.at("sample") shouldBe JsonNull
      report.number("train.compiled.imagesPerSecond") shouldBeGreaterThan 0.0
    }

    test("sampling can be measured without eager steps") {
      val report = json("--no-eager", "--repeat", "1")
      report.number("sample.compiled.imagesPerSecond") shouldBeGreaterThan 0.0
      report.at("sample.eager") shouldBe JsonNull
    }

    test("a config that compiles nothing is measured operation by operation") {
      val report = json("--set", "train.compile=false", "--repeat", "1")
      report.at("train.compiled") shouldBe JsonNull
      report.at("start.compileSeconds") shouldBe JsonNull
      report.at("roofline") shouldBe JsonNull
      report.at("sample.compiled") shouldBe JsonNull
      report.number("train.eager.imagesPerSecond") shouldBeGreaterThan 0.0
    }

    test("providers by name are enough, and micro-batches make no step cheaper") {
      val plugins =
        inProcess(
          "bench",
          "--plugins",
          "dit,flowmatch,glyphs",
          "--no-eager",
          "--no-sampling",
          "--json",
          "--repeat",
          "1",
          "--device",
          "cpu",
          *SMALL,
        )
      plugins.exit shouldBe 0
      val whole = Json.parseToJsonElement(plugins.out)
      val parts = json("--no-eager", "--no-sampling", "--repeat", "1", "--set", "train.microBatchSize=4")
      parts.number("environment.microBatchSize") shouldBe 4.0
      val same = json("--no-eager", "--no-sampling", "--repeat", "1")
      whole.number("roofline.stepGigaflop") shouldBeGreaterThan 0.0
      parts.number("roofline.stepGigaflop") shouldBe (same.number("roofline.stepGigaflop") plusOrMinus 1e-9)
    }

    for ((words, arguments, message) in
      listOf(
        Triple("nothing to measure", listOf<String>(), "Give --config FILE or --plugins A,B,C"),
        Triple("no repetition", listOf("--config", "$config", "--repeat", "0"), "--repeat"),
        Triple("too many repetitions", listOf("--config", "$config", "--repeat", "1001"), "--repeat"),
        Triple("a number that is none", listOf("--config", "$config", "--repeat", "two"), "--repeat"),
        Triple("a device that is none", listOf("--config", "$config", "--device", "tpu"), "device"),
        Triple("a device that is not there", listOf("--config", "$config", "--device", "gpu:7"), "--device cpu"),
        Triple("an option that is not there", listOf("--config", "$config", "--set", "train.stps=4"), "stps"),
        Triple(
          "no dataset",
          listOf("--config", "$config", "--set", "dataset={use: none, shape: [1,28,28], classes: 10}"),
          "dataset",
        ),
        Triple(
          "no way of running",
          listOf("--config", "$config", "--no-eager", "--set", "train.compile=false"),
          "train.compile is false",
        ),
      )) {
      test("wrong usage, in one message: $words") {
        val ended = inProcess("bench", *arguments.toTypedArray())
        ended.exit shouldBe 2
        ended.out.shouldBeEmpty()
        ended.err shouldContain message
        ended.err shouldNotContain "\tat "
      }
    }

    test("a config that is not there") {
      val ended = inProcess("bench", "--config", "${folder.resolve("nothing.yaml")}")
      ended.exit shouldBeIn listOf(1, 2)
      ended.err shouldContain "nothing.yaml"
    }

    test("--against shows ratios to another measurement, and one that cannot be read is refused at once") {
      val before = folder.resolve("before.json")
      before.writeText("${json("--no-sampling", "--no-eager")}")
      val ended = bench("--no-sampling", "--no-eager", "--against", "$before")
      ended.exit shouldBe 0
      ended.out shouldContain "There: $before"
      ended.out shouldContain Regex("training, compiled +[0-9.,]+ +[0-9.,]+ +images/s +[0-9.]+")
      ended.out shouldNotContain "NOT THE SAME"
      val compared = json("--no-sampling", "--no-eager", "--against", "$before").at("against")
      compared.at("measures").jsonArray.map { it.at("name").jsonPrimitive.content } shouldContain "training, compiled"
      val refused = bench("--against", "$config")
      refused.exit shouldBe 2
      refused.err shouldContain "is not what host bench --json prints"
      refused.err shouldNotContain "The first step"
    }
  })

private val SMALL = arrayOf("--set", "model.preset=small", "--set", "dataset.count=100", "--set", "train.batchSize=4")
