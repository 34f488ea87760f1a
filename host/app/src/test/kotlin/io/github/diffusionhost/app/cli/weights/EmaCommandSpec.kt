package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.average.WidthCurve
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.cli.measure.CountingMetric
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.RunFiles
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json

private val SNAPSHOTS =
  TINY_RUN.replace(
      Regex("ema: .*"),
      "ema: [{ use: power, width: 0.05 }, { use: power, width: 0.1 }, { use: constant, decay: 0.9 }]",
    )
    .replace("checkpointEvery: 3", "checkpointEvery: 60\n  emaSnapshotEvery: 6")
    .replace("steps: 60", "steps: 40")

@Tags("Slow")
class EmaCommandSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")
    val manager = autoClose(NDManager.newBaseManager())

    fun ema(vararg arguments: String) = inProcess("ema", "--run", "$run", *arguments)

    beforeSpec {
      val config = folder.resolve("tiny.yaml").also { it.writeText(SNAPSHOTS) }
      inProcess("run", "--config", "$config", "--run-dir", "$run").let { it.exit to it.err } shouldBe (0 to "")
    }

    test("a width that was tracked comes back from its snapshots, as a checkpoint that is sampled from and exported") {
      val out = folder.resolve("tracked")
      val made = ema("--width", "0.1", "--out", "$out")
      made.exit to made.err shouldBe (0 to "")
      made.out shouldStartWith "$out: width 0.1 at step 40, from 7 snapshots of 0.05 and 0.1; its profile is "
      val found = Checkpoint.open(out)
      found.state().step() shouldBe 40
      found.state().images() shouldBe 640
      found.state().doubles()["ema.width"] shouldBe 0.1
      found.files() shouldBe setOf("ema.safetensors", "config.yaml")
      val expected = Checkpoint.open(run.resolve("checkpoints/step-000040")).tensors(RunFiles.ema(1), manager)
      for ((name, tensor) in found.tensors(RunFiles.ema(0), manager)) {
        val values = expected.getValue(name).toFloatArray()
        tensor.toFloatArray().forEachIndexed { i, value -> value shouldBe (values[i] plusOrMinus 1e-6f) }
      }
      val grid = folder.resolve("grid.png")
      inProcess("sample", "--checkpoint", "$out", "--count", "2", "--out", "$grid").exit shouldBe 0
      grid.exists() shouldBe true
      val script = folder.resolve("script.pt")
      inProcess("export", "--format", "torchscript", "--checkpoint", "$out", "--out", "$script").exit shouldBe 0
    }

    test("an average of an earlier step is made of the snapshots up to it") {
      val out = folder.resolve("earlier")
      val made = ema("--width", "0.08", "--step", "18", "--out", "$out")
      made.exit to made.err shouldBe (0 to "")
      made.out shouldContain "width 0.08 at step 18, from 3 snapshots"
      Checkpoint.open(out).state().step() shouldBe 18
    }

    test("a width far from all snapshots is made with a warning") {
      val out = folder.resolve("far")
      val made = ema("--width", "0.01", "--out", "$out")
      made.exit shouldBe 0
      made.err shouldContain
        Regex("width 0.01 cannot be made of these snapshots: the nearest profile is \\d+\\.\\d% off")
      made.err shouldContain "nearer to 0.05 and 0.1"
      out.exists() shouldBe true
    }

    test("a plot of the loss against the width, with its numbers, the same each time") {
      val out = folder.resolve("plots/widths.svg")
      val widths = arrayOf("--widths", "0.05,0.2,0.1,0.1", "--metric", "loss", "--images", "100")
      val made = ema(*widths, "--out", "$out")
      made.exit shouldBe 0
      made.err.lines().filter { it.isNotEmpty() }.single() shouldStartWith "width 0.2 cannot be made of these snapshots"
      val curve = Json.decodeFromString<WidthCurve>(out.resolveSibling("widths.json").readText())
      curve.points.map { it.width } shouldBe listOf(0.05, 0.1, 0.2)
      curve.about shouldBe "loss on 100 images of the test split"
      made.out.lines().last { it.isNotEmpty() } shouldBe
        "$out: loss on 100 images of the test split, after 40 steps, is least at width ${curve.best.width}"
      // The rates fall to 0: the less of the beginning is in the average, the better.
      curve.best.width shouldBe 0.05
      curve.points.first().value shouldBeLessThan curve.points.last().value
      curve.points.forEach { point -> point.byLevel.isNotEmpty() shouldBe true }
      val csv = out.resolveSibling("widths.csv").readLines()
      csv.size shouldBe 4
      // Levels that none of the images has are left out.
      csv[0] shouldStartWith "width,loss,profile_distance,loss 0."
      csv[1].split(",").map { it.toDouble() }.take(2) shouldBe listOf(0.05, curve.points[0].value)
      val svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(out.toFile())
      svg.getElementsByTagName("circle").length shouldBe 4
      val again = folder.resolve("again.svg")
      ema(*widths, "--out", "$again").exit shouldBe 0
      again.readText() shouldBe out.readText()
    }

    test("the loss of a width does not depend on the widths measured before it") {
      val out = folder.resolve("one.svg")
      ema("--widths", "0.1,0.05", "--metric", "loss", "--images", "64", "--out", "$out").exit shouldBe 0
      val first = Json.decodeFromString<WidthCurve>(folder.resolve("one.json").readText())
      ema("--widths", "0.1,0.15", "--metric", "loss", "--images", "64", "--out", "$out").exit shouldBe 0
      val second = Json.decodeFromString<WidthCurve>(folder.resolve("one.json").readText())
      second.points.first().value shouldBe (first.points.last().value plusOrMinus 1e-12)
    }

    test("a plot of a metric that a plugin brings, of one of its numbers") {
      val out = folder.resolve("counted.svg")
      fun counted(vararg more: String) =
        inProcess(
          "ema",
          "--run",
          "$run",
          "--widths",
          "0.05,0.1,0.15",
          "--metric",
          "counting",
          "--images",
          "3",
          "--out",
          "$out",
          *more,
          more = listOf(CountingMetric()),
        )
      val made = counted("--value", "distinct", "--best", "greatest", "--set", "metrics.counting.most=2")
      made.exit to made.err shouldBe (0 to "")
      made.out.lines().last { it.isNotEmpty() } shouldBe
        "$out: distinct of counting, after 40 steps, is greatest at width 0.05"
      val curve = Json.decodeFromString<WidthCurve>(folder.resolve("counted.json").readText())
      curve.points.map { it.value } shouldBe listOf(2.0, 2.0, 2.0)
      counted().out shouldContain "labels of counting, after 40 steps, is least at width 0.05"
      counted("--value", "colours").let {
        it.exit shouldBe 2
        it.err shouldContain "--value colours: counting has labels, distinct"
      }
    }

    for ((words, row) in
      mapOf(
        "neither a width nor widths" to (listOf("--out", "x") to "name a --width"),
        "both" to (listOf("--width", "0.1", "--widths", "0.1,0.2", "--out", "x") to "give one of them"),
        "a width that no power function has" to
          (listOf("--width", "0.3", "--out", "x") to "above 0 and up to 1/sqrt(12) = 0.2886, not at 0.3"),
        "a width that is no number" to (listOf("--width", "wide", "--out", "x") to "--width"),
        "a step without a snapshot" to
          (listOf("--width", "0.1", "--step", "7", "--out", "x") to
            "--step 7: there are snapshots of the steps 6, 12, 18, 24, 30, 36, 40"),
        "widths without a metric" to (listOf("--widths", "0.1,0.2", "--out", "x.svg") to "--widths needs --metric"),
        "a metric without widths" to
          (listOf("--width", "0.1", "--metric", "loss", "--out", "x") to "--metric goes with --widths"),
        "a metric that is not there" to
          (listOf("--widths", "0.1,0.2", "--metric", "lost", "--out", "x.svg") to
            "--metric: no metric named 'lost' is installed; did you mean loss?"),
        "what is no metric" to
          (listOf("--widths", "0.1,0.2", "--metric", "dit", "--out", "x.svg") to "--metric: dit is a model"),
        "a number of the loss" to
          (listOf("--widths", "0.1,0.2", "--metric", "loss", "--value", "x", "--out", "x.svg") to
            "--value goes with an installed metric"),
        "one width for a plot" to
          (listOf("--widths", "0.1", "--metric", "loss", "--out", "x.svg") to "at least two different widths"),
        "a plot of another format" to
          (listOf("--widths", "0.1,0.2", "--metric", "loss", "--out", "x.png") to "a plot is written as .svg"),
        "a place that is taken" to (listOf("--width", "0.1", "--out", "$folder") to "is there already"),
      )) {
      test("wrong usage: $words") {
        val failed = ema(*row.first.toTypedArray())
        failed.exit shouldBe 2
        failed.err shouldContain row.second
        failed.err shouldNotContain "\tat "
      }
    }

    test("a run without snapshots, and none at all, say what is needed") {
      val plain = folder.resolve("plain").also { it.toFile().mkdirs() }
      val failed = inProcess("ema", "--run", "$plain", "--width", "0.1", "--out", "$folder/x")
      failed.exit shouldBe 2
      failed.err shouldContain "has no snapshots of averages: train with power-function averages"
      inProcess("ema", "--run", "$folder/nowhere", "--width", "0.1", "--out", "$folder/x").let {
        it.exit shouldBe 2
        it.err shouldContain "nowhere does not exist; --run takes the folder of a run"
      }
    }

    test("a damaged snapshot is named, and nothing is written") {
      val file: Path = run.resolve("ema-snapshots/step-000012/width-0.05.safetensors")
      val before = file.readBytes()
      file.writeBytes(before.clone().also { it[before.size - 1] = (it[before.size - 1] + 1).toByte() })
      val failed = ema("--width", "0.08", "--out", "$folder/damaged")
      file.writeBytes(before)
      failed.exit shouldBe 1
      failed.err shouldContain "step-000012 cannot be used: width-0.05.safetensors was changed after it was written"
      failed.err shouldNotContain "\tat "
      folder.listDirectoryEntries().map { it.name }.filter { "damaged" in it || it.startsWith(".") } shouldBe
        emptyList()
    }
  })
