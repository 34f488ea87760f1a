package io.github.diffusionhost.app.cli.measure

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.metric.ResumableMetric
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.DataInput
import java.io.DataOutput
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import sun.misc.Signal

@JvmRecord data class StoppingOptions(@all:Option("nothing") val nothing: Boolean)

/** Presses Ctrl-C when it has seen a number of batches. */
private class StoppingMetric : MetricProvider<StoppingOptions> {
  var after: Int? = null
  var batches = 0

  override fun name() = "stopping"

  override fun summary() = "stops"

  override fun defaults() = StoppingOptions(false)

  override fun create(options: StoppingOptions, context: MetricContext): Metric =
    object : ResumableMetric {
      override fun add(images: NDArray, labels: NDArray?) {
        if (++batches == after) {
          Signal.raise(Signal("INT"))
          // The handler is another thread's.
          Thread.sleep(300)
        }
      }

      override fun save(out: DataOutput) = out.writeInt(batches)

      override fun restore(input: DataInput) {
        batches = input.readInt()
      }

      override fun report() = MetricReport(mapOf("batches" to batches.toDouble()), listOf(), mapOf())
    }
}

/** `host evaluate` that somebody stops. */
@Tags("Slow")
class ResumedEvaluationSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")
    val data = folder.resolve("data")
    val kept = data.resolve("evaluations")
    val script = "torchscript:${REPOSITORY.resolve("plugins/fidelity/src/test/resources/plain.pt")}"
    val settings =
      listOf("fid", "kid").flatMap { listOf("--set", "metrics.$it.extractor.use=$script") } +
        listOf("--set", "metrics.kid.subsetSize=50", "--set", "metrics.novelty.compareTest=false")
    val all = listOf("--trust-scripts", "--metrics", "fid,kid,novelty,stopping", "--json") + settings

    fun evaluate(arguments: List<String>, stopAfter: Int? = null, more: List<CountingMetric> = listOf()): Finished {
      val stopping = StoppingMetric().apply { after = stopAfter }
      return inProcess(
        "evaluate",
        *arguments.toTypedArray(),
        environment = mapOf("DIFFUSIONHOST_DATA" to "$data"),
        more = more + stopping,
      )
    }

    fun Finished.found(): List<JsonElement> {
      (exit to err.takeIf { exit != 0 }) shouldBe (0 to null)
      val metrics = Json.parseToJsonElement(out).jsonObject.getValue("metrics").jsonArray
      return metrics.map { JsonObject(it.jsonObject - "seconds") }
    }

    fun partial(): List<Path> = if (kept.exists()) kept.listDirectoryEntries() else listOf()

    beforeSpec {
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=3").exit shouldBe 0
    }

    beforeTest { partial().forEach(Path::deleteExisting) }

    // Three batches of 256, 256 and 88 images; of files five of 128 and less.
    val checkpoint = listOf("--checkpoint", "$run", "--count", "600", "--steps", "2") + all
    val alone by lazy { evaluate(checkpoint).found() }

    test("an evaluation that was stopped twice finds what one left alone finds, bit for bit") {
      val first = evaluate(checkpoint, stopAfter = 1)
      first.exit shouldBe 130
      first.err shouldContain "interrupted after 256 of 600 images; the same command goes on from there"
      partial() shouldHaveSize 1
      val second = evaluate(checkpoint, stopAfter = 2)
      second.err shouldContain "going on after 256 of 600 images\n"
      second.err shouldContain "interrupted after 512 of 600 images; the same command goes on from there"
      val last = evaluate(checkpoint)
      last.err shouldContain "going on after 512 of 600 images\n"
      last.found() shouldBe alone
      partial().shouldBeEmpty()
    }

    test("what was kept is of that command alone: other steps, another seed or more images begin at their beginning") {
      evaluate(checkpoint, stopAfter = 1).exit shouldBe 130
      for (other in listOf(listOf("--steps", "3"), listOf("--seed", "8"), listOf("--weights", "model"))) {
        evaluate(checkpoint + other + listOf("--count", "5")).let { it.exit to it.err } shouldBe (0 to "")
      }
      partial() shouldHaveSize 1
    }

    test("what was kept and is damaged is not used, which is said") {
      evaluate(checkpoint, stopAfter = 1)
      val file = partial().single()
      file.writeBytes(file.readBytes().also { it[it.size / 2]++ })
      val again = evaluate(checkpoint)
      again.err shouldContain "the evaluation begins anew: what was kept in $file cannot be used: it is damaged"
      again.err shouldNotContain "going on"
      again.found() shouldBe alone
      partial().shouldBeEmpty()
    }

    test("a metric that cannot go on is named when somebody stops it") {
      val other = checkpoint.map { if (it.startsWith("fid,")) "counting,stopping" else it }.filterNot { it in settings }
      val stopped = evaluate(other, stopAfter = 1, more = listOf(CountingMetric()))
      stopped.exit shouldBe 130
      stopped.err shouldContain
        "interrupted after 256 of 600 images; counting cannot go on from there, so the next time begins anew"
      partial().shouldBeEmpty()
    }

    test("images in files go on, too") {
      val images = folder.resolve("images/")
      inProcess("sample", "--checkpoint", "$run", "--steps", "1", "--count", "300", "--out", "$images/").exit shouldBe 0
      val files = listOf("--images", "$images", "--plugins", "glyphs", "--set", "dataset.count=200") + all
      val straight = evaluate(files).found()
      val stopped = evaluate(files, stopAfter = 2)
      stopped.exit shouldBe 130
      stopped.err shouldContain "interrupted after 256 of 300 images; the same command goes on from there"
      val last = evaluate(files)
      last.err shouldContain "going on after 256 of 300 images\n"
      last.found() shouldBe straight
    }
  })
