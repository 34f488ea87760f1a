package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long

@Tags("Slow")
class MemoryCommandSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }

    fun memory(vararg more: String) = inProcess("memory", "--config", "$config", "--device", "cpu", *more)

    fun json(vararg more: String): JsonObject =
      memory("--json", *more).let {
        it.exit shouldBe 0
        Json.parseToJsonElement(it.out).jsonObject
      }

    fun JsonObject.bytes(images: Int, what: String): Long =
      getValue("rows")
        .jsonArray
        .map { it.jsonObject }
        .single { it.getValue("images").jsonPrimitive.int == images }
        .getValue("step")
        .jsonObject
        .getValue(what)
        .jsonPrimitive
        .long

    test("what a step takes is said for every number of images that divides the batch") {
      val found = json("--set", "train.batchSize=12")
      found.getValue("rows").jsonArray.map { it.jsonObject.getValue("images").jsonPrimitive.int } shouldBe
        listOf(12, 6, 4, 3, 2, 1)
      found.bytes(12, "part") shouldBeGreaterThan found.bytes(6, "part")
      found.bytes(12, "gradients") shouldBe 0
      found.bytes(6, "gradients") shouldBeGreaterThan 0
      // Adam keeps two numbers of each of 4 bytes, and an average is one more copy.
      val weights = found.bytes(12, "weights")
      weights shouldBe 4 * found.getValue("parameters").jsonPrimitive.long
      found.bytes(12, "moments") shouldBe 2 * weights
    }

    test("it is what bench counts of the same steps") {
      val bench =
        inProcess(
          "bench",
          "--config",
          "$config",
          "--device",
          "cpu",
          "--no-eager",
          "--no-sampling",
          "--repeat",
          "1",
          "--json",
        )
      val report = Json.parseToJsonElement(bench.out).jsonObject
      val planned = report.getValue("memory").jsonObject.getValue("planned").jsonObject
      val images = report.getValue("environment").jsonObject.getValue("microBatchSize").jsonPrimitive.int
      json().bytes(images, "bytes") shouldBe planned.getValue("bytes").jsonPrimitive.long
      json().getValue("taken").jsonPrimitive.int shouldBe images
    }

    test("for people it is a table, and says whose steps are counted") {
      val ended = memory("--for", "gpu")
      ended.err.shouldBeEmpty()
      ended.out shouldContain "IMAGES AT A TIME"
      ended.out shouldContain "as a GPU runs it"
      ended.out shouldNotContain "a training on cpu"
      ended.out shouldContain "On a GPU auto takes as many images at a time: 16 of 6 GiB, 16 of 8 GiB, "
      memory().out shouldContain "Images at a time of a training on cpu: 16 (train.microBatchSize)"
      val eager = memory("--set", "train.compile=false", "--set", "train.batchSize=1024").out
      eager shouldContain "train.compile false: its steps take more"
      eager shouldContain "a training on cpu: 1,024 ("
    }

    for ((words, arguments, message) in
      listOf(
        Triple("nothing to count", listOf(), "Give --config FILE or --plugins A,B,C"),
        Triple("a kind that is none", listOf("--config", "$config", "--for", "tpu"), "--for"),
        Triple(
          "a micro-batch that is none",
          listOf("--config", "$config", "--set", "train.microBatchSize=auot"),
          "auto",
        ),
      )) {
      test("wrong usage: $words") {
        val ended = inProcess("memory", *arguments.toTypedArray())
        ended.exit shouldBe 2
        ended.out.shouldBeEmpty()
        ended.err shouldContain message
      }
    }
  })
