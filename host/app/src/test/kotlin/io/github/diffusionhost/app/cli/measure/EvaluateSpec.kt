package io.github.diffusionhost.app.cli.measure

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private const val PROBE = "metrics.linear-probe"

@Tags("Slow")
class EvaluateSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")
    val counting = CountingMetric()
    val other = CountingMetric("other")

    fun evaluate(vararg arguments: String, checkpoint: Any = run): Finished =
      inProcess("evaluate", "--checkpoint", "$checkpoint", *arguments, more = listOf(counting, other))

    fun sets(vararg settings: String) = settings.flatMap { listOf("--set", it) }.toTypedArray()

    val probe = arrayOf("--metrics", "linear-probe", *sets("$PROBE.features=[block_1]", "$PROBE.epochs=2"))

    fun Finished.json(): JsonElement {
      (exit to err.takeIf { exit != 0 }) shouldBe (0 to null)
      return Json.parseToJsonElement(out)
    }

    fun JsonElement.metric(index: Int = 0) = jsonObject.getValue("metrics").jsonArray[index].jsonObject

    fun JsonElement.values(index: Int = 0) =
      metric(index).getValue("values").jsonObject.mapValues { it.value.jsonPrimitive.double }

    fun JsonElement.protocol() = metric().getValue("protocol").jsonObject.mapValues { it.value.jsonPrimitive.content }

    beforeSpec {
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      inProcess("run", "--config", "$config", "--run-dir", "$run", *sets("train.steps=3", "seed=4")).exit shouldBe 0
    }

    test("a linear probe says its accuracy and what it depends on") {
      val json = evaluate(*probe, "--json").json()
      json.jsonObject.getValue("weights").jsonPrimitive.content shouldBe "ema"
      json.jsonObject.getValue("step").jsonPrimitive.content shouldBe "3"
      json.values().keys shouldBe setOf("accuracy", "accuracy/step-4/block_1")
      json.values().getValue("accuracy").shouldBeBetween(0.0, 1.0, 0.0)
      json.protocol().getValue("epochs") shouldBe "2"
      json.protocol().getValue("seed") shouldBe "4"
      // labelDropout taught the network what no label is.
      json.protocol().getValue("label given to the network") shouldBe "none (value 10)"
    }

    test("the same seed gives the same numbers, whatever was evaluated before") {
      val first = evaluate(*probe, "--json").json().values()
      evaluate("--metrics", "counting,linear-probe", *probe.drop(2).toTypedArray(), "--count", "3", "--json")
        .json()
        .let { json -> listOf(0, 1).map { json.values(it) } } shouldBe
        listOf(mapOf("labels" to 3.0, "distinct" to 3.0), first)
    }

    test("people get tables") {
      val ended = evaluate(*probe, "--weights", "model")
      ended.exit shouldBe 0
      ended.out shouldContain Regex("step-000003: weights model, 3 steps, 48 images\\n")
      ended.out shouldContain Regex("LINEAR-PROBE +VALUE\\naccuracy +0\\.\\d+\\n")
      ended.out shouldContain Regex("PROTOCOL\\n")
      ended.out shouldContain Regex("test images +\\d+\\n")
    }

    test("a metric that looks at images gets as many as it wants, the same ones each time, with their labels") {
      val json =
        evaluate("--metrics", "counting,other", *sets("metrics.other.most=5"), "--count", "12", "--json").json()
      json.values(0) shouldBe mapOf("labels" to 12.0, "distinct" to 10.0)
      json.values(1) shouldBe mapOf("labels" to 5.0, "distinct" to 5.0)
      val images = counting.batches.flatten()
      images.size shouldBe 12 * 28 * 28
      other.batches.flatten() shouldBe images.take(5 * 28 * 28)
      evaluate("--metrics", "counting", "--count", "12", "--json").json()
      counting.batches.flatten() shouldBe images
      evaluate("--metrics", "counting", "--count", "12", "--seed", "5", "--json").json()
      counting.batches.flatten() shouldNotBe images
      counting.closed shouldBe counting.created
    }

    test("the section of a metric says how many images, and options of sampling count") {
      evaluate("--metrics", "counting", *sets("metrics.counting.samples=7"), "--steps", "2", "--json")
        .json()
        .values() shouldBe mapOf("labels" to 7.0, "distinct" to 7.0)
      val two = counting.batches.flatten()
      evaluate("--metrics", "counting", *sets("metrics.counting.samples=7"), "--steps", "4", "--json").json()
      counting.batches.flatten() shouldNotBe two
    }

    test("--out writes what --json prints, and figures beside it") {
      val out = folder.resolve("deep/found.json")
      val ended = evaluate("--metrics", "counting", "--count", "2", "--json", "--out", "$out")
      Json.parseToJsonElement(out.readText()) shouldBe Json.parseToJsonElement(ended.out)
      out.parent.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder
        listOf("found.json", "found-counting-dot.png")
      out.resolveSibling("found-counting-dot.png").readBytes() shouldBe byteArrayOf(1, 2, 3)
      ended.err shouldContain "wrote $out\n"
    }

    test("the protocol says how images were made, and the run keeps the evaluation for its report") {
      val copy = folder.resolve("kept").also { run.toFile().copyRecursively(it.toFile()) }
      copy.resolve("evaluations.jsonl").deleteIfExists()
      val settings = arrayOf("--count", "3", "--steps", "2", "--seed", "9")
      val json = evaluate("--metrics", "counting", *settings, "--json", checkpoint = copy).json()
      val protocol = json.protocol()
      protocol.getValue("sampler") shouldBe "euler, 2 steps"
      protocol.getValue("generated images") shouldBe "3"
      protocol.getValue("sampling seed") shouldBe "9"
      evaluate("--metrics", "counting", *settings, "--weights", "model", checkpoint = copy).exit shouldBe 0
      val notes = mutableListOf<String>()
      val kept = EvaluationFile(copy.resolve("evaluations.jsonl")).read { notes += it }
      notes shouldBe emptyList()
      kept.map { it.weights } shouldBe listOf("ema", "model")
      kept[0].values shouldBe mapOf("labels" to 3.0, "distinct" to 3.0)
      kept[0].protocol shouldBe protocol
      copy.resolve(kept[0].figures.single()).readBytes() shouldBe byteArrayOf(1, 2, 3)
    }

    test("a checkpoint outside a run keeps nothing") {
      val alone = folder.resolve("alone")
      run.resolve("checkpoints/step-000003").toFile().copyRecursively(alone.toFile())
      evaluate("--metrics", "counting", "--count", "1", checkpoint = alone).exit shouldBe 0
      folder.resolve("evaluations.jsonl").exists() shouldBe false
    }

    test("metrics of the config are the default, with their options") {
      val own = "metrics=[{use: linear-probe, features: [block_1], epochs: 1, trainImages: 50}]"
      evaluate("--json", *sets(own)).json().protocol().getValue("train images") shouldBe "50"
    }

    for ((words, row) in
      mapOf(
        "no metric" to (listOf<String>() to (2 to "Give --metrics A,B,C: the config names none")),
        "a metric that is not installed" to
          (listOf("--metrics", "linear-prob") to
            (2 to "--metrics: no metric named 'linear-prob' is installed; did you mean linear-probe?")),
        "a provider that is no metric" to (listOf("--metrics", "dit") to (2 to "--metrics: dit is a model")),
        "features that the network does not have" to
          (listOf("--metrics", "linear-probe") to
            (2 to "features out_6: the network has no feature of that name; it has block_1")),
        "a noise step out of range" to
          (listOf("--metrics", "linear-probe", "--set", "$PROBE.noiseSteps=[19]") to
            (2 to "a sampling of 18 steps has noise steps 1 to 18")),
        "an option that is not there" to
          (listOf("--metrics", "linear-probe", "--set", "$PROBE.epoch=3") to (2 to "did you mean epochs?")),
        "options of a metric that does not run" to
          (listOf("--metrics", "linear-probe", "--set", "metrics.counting.most=3") to
            (2 to "no metric of this config uses counting")),
        "images of another size" to
          (listOf(*probe, "--set", "dataset.size=32") to (2 to "and the network was trained on 1x28x28 pixels")),
        "no result" to
          (listOf("--metrics", "counting", "--count", "1", "--set", "metrics.counting.fail=true") to
            (1 to "metric counting: nothing to count; take other images")),
        "weights that are not there" to (listOf(*probe, "--weights", "best") to (2 to "--weights best")),
      )) {
      test("one clear message for $words") {
        val failed = evaluate(*row.first.toTypedArray())
        failed.exit shouldBe row.second.first
        failed.err shouldContain row.second.second
        failed.err shouldNotContain "\tat "
      }
    }
  })
