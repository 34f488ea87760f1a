package io.github.diffusionhost.app.train

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.writeText

@JvmRecord
data class BrightnessOptions(
  @all:Option("calls of this number find nothing", min = 0.0) val failing: List<Int>,
  @all:Option("whether to refuse") val refuse: Boolean,
  @all:Option("whether the plugin has a fault") val broken: Boolean,
)

/** The mean of generated images, and its distance from 60. */
private class Brightness : MetricProvider<BrightnessOptions> {
  var reports = 0

  override fun name() = "brightness"

  override fun summary() = "mean of the images"

  override fun defaults() = BrightnessOptions(listOf(), false, false)

  override fun create(options: BrightnessOptions, context: MetricContext): Metric {
    require(!options.refuse) { "these images are too dark" }
    return object : Metric {
      private val bytes = mutableListOf<Int>()

      override fun add(images: NDArray, labels: NDArray?) {
        bytes += images.toByteArray().map { it.toInt() and 0xff }
      }

      override fun report(): MetricReport {
        reports++
        if (options.broken) throw IndexOutOfBoundsException("7 of 3")
        check(reports !in options.failing) { "it is night" }
        val mean = bytes.average()
        return MetricReport(
          mapOf("brightness" to mean, "off" to Math.abs(mean - 60)),
          listOf(),
          mapOf("unit" to "byte"),
        )
      }
    }
  }
}

@Tags("Slow")
class TrainingEvaluationsSpec :
  FunSpec({
    val config = tempdir().toPath().resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
    val short = "train.steps=24"

    fun train(folder: Path, metrics: String, vararg settings: String, metric: Brightness = Brightness()): Finished {
      val sets = listOf(short, "metrics=$metrics", *settings).flatMap { listOf("--set", it) }.toTypedArray()
      return inProcess("run", "--config", "$config", "--run-dir", "$folder", *sets, "--json", more = listOf(metric))
    }

    fun Finished.ok() = also { (it.exit to it.err.takeIf { _ -> it.exit != 0 }) shouldBe (0 to null) }

    fun records(folder: Path) = EvaluationFile(RunDirectory(folder).evaluations()).all { error(it) }

    fun checkpoints(folder: Path) =
      RunDirectory(folder)
        .checkpoints()
        .listDirectoryEntries("step-*")
        .map { it.name.substringAfter('-').toInt() }
        .sorted()

    fun best(folder: Path) = RunDirectory(folder).checkpoints().resolve("best").readSymbolicLink().name

    test("a metric runs as often as it says and at the end, and host evaluate finds the same") {
      val folder = tempdir().toPath().resolve("run")
      val ended = train(folder, "[{use: brightness, everyImages: 150, samples: 5}]").ok()
      // 16 images a step: 150 are passed in step 10, 300 in step 19.
      val found = records(folder)
      found.map { it.step } shouldBe listOf(10L, 19L, 24L)
      found.map { it.images } shouldBe listOf(160L, 304L, 384L)
      found.map { it.origin }.toSet() shouldBe setOf(Origin.TRAINING)
      checkpoints(folder) shouldBe listOf(3, 6, 9, 10, 12, 15, 18, 19, 21, 24)
      found.map { it.values["brightness"] }.toSet().size shouldBe 3
      ended.out.lines().filter { "evaluated" in it }.size shouldBe 3
      ended.out shouldContain
        """{"event":"evaluated","step":10,"values":{"brightness":${found[0].values["brightness"]}"""

      val checkpoint = folder.resolve("checkpoints/step-000010")
      inProcess("evaluate", "--checkpoint", "$checkpoint", "--metrics", "brightness", more = listOf(Brightness())).ok()
      val again = records(folder).last()
      again.origin shouldBe Origin.EVALUATE
      again.copy(origin = Origin.TRAINING, seconds = null) shouldBe found[0].copy(seconds = null)
    }

    test("checkpoints/best is the best by the named number, and the others are pruned") {
      val folder = tempdir().toPath().resolve("run")
      val metrics = "[{use: brightness, everyImages: 64, samples: 5, best: least, bestValue: off}]"
      train(folder, metrics, "train.keepLast=1", "train.keepBest=2").ok()
      val ranked = records(folder).sortedBy { it.values["off"] }.map { it.step.toInt() }
      ranked.size shouldBe 6
      best(folder) shouldBe "step-%06d".format(ranked[0])
      checkpoints(folder) shouldBe (ranked.take(2) + 24).distinct().sorted()
      val evaluated =
        inProcess(
            "evaluate",
            "--checkpoint",
            "$folder/checkpoints/best",
            "--metrics",
            "brightness",
            "--count",
            "5",
            more = listOf(Brightness()),
          )
          .ok()
      evaluated.out shouldContain Regex("off +[0-9]")
    }

    test("the other direction") {
      val folder = tempdir().toPath().resolve("run")
      train(folder, "[{use: brightness, everyImages: 64, samples: 5, best: greatest}]").ok()
      best(folder) shouldBe "step-%06d".format(records(folder).maxBy { checkNotNull(it.values["brightness"]) }.step)
    }

    test("a metric that finds nothing once is a warning, and the training goes on") {
      val folder = tempdir().toPath().resolve("run")
      val metrics = "[{use: brightness, everyImages: 160, samples: 3, best: least, failing: [1]}]"
      val ended = train(folder, metrics).ok()
      ended.err shouldContain "step 10 is not measured: metric brightness: it is night"
      records(folder).map { it.step } shouldBe listOf(20L, 24L)
    }

    test("a fault of a metric is a warning with its trace, and the training goes on") {
      val folder = tempdir().toPath().resolve("run")
      val ended = train(folder, "[{use: brightness, samples: 3, broken: true}]").ok()
      ended.err shouldContain "step 24 is not measured"
      ended.err shouldContain "7 of 3"
      checkpoints(folder).last() shouldBe 24
    }

    test("a number that is not there makes no checkpoint the best") {
      val folder = tempdir().toPath().resolve("run")
      val ended = train(folder, "[{use: brightness, samples: 3, best: least, bestValue: dark}]").ok()
      ended.err shouldContain "metrics.bestValue: brightness has no dark but brightness, off; no checkpoint is best"
      ended.err.split("metrics.bestValue").size shouldBe 2 // said once
      folder.resolve("checkpoints/best").exists() shouldBe false
    }

    test("a metric that does not fit is refused before there is a folder") {
      val folder = tempdir().toPath().resolve("run")
      val ended = train(folder, "[{use: brightness, refuse: true}]")
      ended.exit shouldBe 2
      ended.err shouldContain "metric brightness: these images are too dark"
      ended.err shouldNotContain "\tat "
      folder.exists() shouldBe false
    }

    test("TensorBoard gets what was measured") {
      val folder = tempdir().toPath().resolve("run")
      train(folder, "[{use: brightness, samples: 3}]").ok()
      val events = folder.listDirectoryEntries("events.*").single().toFile().readBytes().toString(Charsets.ISO_8859_1)
      listOf("metrics/brightness", "metrics/brightness/off").forEach { events shouldContain it }
    }
  })
