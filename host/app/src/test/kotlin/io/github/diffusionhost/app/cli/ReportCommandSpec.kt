package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.report.PlayedRun
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText

class ReportCommandSpec :
  FunSpec({
    val root = tempdir().toPath()
    val run = root.resolve("run")
    val config = root.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
    val trained by lazy {
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=30")
    }

    test("a run leaves its report behind and says where") {
      trained.err shouldNotContain "report was not written"
      trained.exit shouldBe 0
      trained.out shouldContain "Report: $run/report.html"
      val page = run.resolve("report.html").readText()
      page shouldContain "dit under flowmatch on glyphs · 30 of 30 steps"
      page shouldContain "Generated images of averaged weights after 30 steps of training"
      page shouldContain "Generated images of trained weights after 30 steps of training"
      page shouldContain "What differs from the defaults"
      page shouldContain "recipe R3, SD3-style transformer"
      page shouldContain "<dt>Peak memory</dt>"
    }

    test("a report anew, in the folder or elsewhere") {
      trained.exit shouldBe 0
      run.resolve("report.html").deleteExisting()
      inProcess("report", "$run").out shouldStartWith "$run/report.html: "
      run.resolve("report.html").exists() shouldBe true
      inProcess("report", "$run", "--out", "$root/new/folder/page.html").exit shouldBe 0
      root.resolve("new/folder/page.html").readText() shouldContain "<h1>tiny</h1>"
    }

    test("several runs on one page, called by their folders where they share a name") {
      trained.exit shouldBe 0
      val other = PlayedRun(root.resolve("other"), "tiny").course(20).config()
      inProcess("report", "$run", "${other.folder}", "--out", "$root/compare.html").exit shouldBe 0
      val page = root.resolve("compare.html").readText()
      page shouldContain "What differs</h2>"
      page shouldContain "<th scope=\"col\">$run</th>"
    }

    test("the numbers as CSV, and nothing else") {
      trained.exit shouldBe 0
      val before = run.resolve("report.html").readText()
      inProcess("report", "$run", "--csv", "$root/numbers.csv").exit shouldBe 0
      run.resolve("report.html").readText() shouldBe before
      val lines = root.resolve("numbers.csv").readLines()
      lines[0] shouldStartWith "step,images,seconds,train/loss,"
      lines.drop(1).map { it.substringBefore(',') } shouldBe listOf("4", "8", "12", "16", "20", "24", "28", "30")
    }

    test("lines that are left out of the CSV are told of") {
      trained.exit shouldBe 0
      val damaged = root.resolve("damaged-run")
      run.toFile().copyRecursively(damaged.toFile())
      val log = damaged.resolve("metrics.jsonl")
      log.writeText(log.readText().replace("\"step\":8,", "\"step\":88888888888888888888,"))
      val ended = inProcess("report", "$damaged", "--csv", "$root/fewer.csv")
      ended.exit shouldBe 0
      ended.err shouldContain "Line 2 of metrics.jsonl cannot be read and is left out."
      root.resolve("fewer.csv").readLines().size shouldBe 8
    }

    test("a run that is written to meanwhile has the report of what is there") {
      val partial = PlayedRun(root.resolve("partial")).course(3)
      val file = partial.folder.resolve("metrics.jsonl")
      file.writeText(file.readText() + "{\"step\":200,\"ima")
      inProcess("report", "${partial.folder}").exit shouldBe 0
      partial.folder.resolve("report.html").readText() shouldContain "<p class=\"lead\">150 steps</p>"
    }

    test("a report that cannot be written is a warning, and the training is none the worse") {
      val blocked = root.resolve("blocked")
      blocked.resolve("report.html").createDirectories()
      val ended = inProcess("run", "--config", "$config", "--run-dir", "$blocked", "--set", "train.steps=6")
      ended.exit shouldBe 0
      ended.out shouldNotContain "Report:"
      blocked.resolve("checkpoints/step-000006").exists() shouldBe true
    }

    root.resolve("empty").createDirectories()
    root.resolve("file").writeText("")
    PlayedRun(root.resolve("early")).config()
    PlayedRun(root.resolve("good")).course(3)
    val rows =
      listOf(
        listOf("report") to "Usage: host report",
        listOf("report", "$root/nowhere") to "$root/nowhere does not exist; host report takes the folder of a run",
        listOf("report", "$root/file") to "$root/file is a file",
        listOf("report", "$root/empty") to "$root/empty has neither config.yaml nor metrics.jsonl, so it is not a run",
        listOf("report", "$root/early") to "$root/early has no metrics yet",
        listOf("report", "$root/good", "--out", "$root/empty") to "$root/empty is a folder; name a file",
        listOf("report", "$root/good", "--csv", "$root/empty") to "$root/empty is a folder; name a file",
        listOf("report", "$root/good", "$root/early") to "name it by --out FILE",
        listOf("report", "$root/good", "$root/early", "--csv", "x.csv") to "--csv is for one run",
        listOf("report", "$root/good", "$root/empty/../good", "--out", "x.html") to "is named twice",
      )
    for ((arguments, message) in rows) {
      test("wrong usage is one message: ${arguments.joinToString(" ") { it.substringAfterLast("/") }}") {
        val ended = inProcess(*arguments.toTypedArray())
        ended.exit shouldBe 2
        ended.err shouldContain message
        ended.err shouldNotContain "\tat "
      }
    }
  })
