package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.report.page.comparisonPage
import io.github.diffusionhost.app.report.page.page
import io.github.diffusionhost.app.report.page.reportPage
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.createDirectories
import kotlin.io.path.name
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private fun data(page: String): JsonObject =
  Json.parseToJsonElement(Regex("id=\"data\">(.*?)</script>").find(page)!!.groupValues[1]).jsonObject

/** One evaluation of `fd-classifier`. */
private fun evaluation(step: Int, weights: String, fd: Double, samples: Int, figure: String? = null) =
  """{"step":$step,"images":${step * 64},"metric":"fd-classifier","weights":"$weights","values":{"fd":$fd},
  "protocol":{"samples":"$samples"},"seconds":12,"figures":[${figure?.let { "\"$it\"" }.orEmpty()}]}"""
    .replace("\n", "")

@Tags("Slow")
class ReportPageSpec :
  FunSpec({
    val root = tempdir().toPath()
    fun page(run: PlayedRun) = reportPage(plainReader().read(run.folder))

    test("what a run says about itself is text, whatever it holds") {
      val evil = "</script><img src=x onerror=alert(1)>"
      val run = PlayedRun(root.resolve("evil").resolve("<b>&\"run'").also { it.createDirectories() })
      run.metrics("""{"step":1,"images":1,"seconds":1,"$evil":1,"loss_by_level/0-1":2}""" + "\n").manifest()
      run.evaluations("""{"step":1,"images":1,"metric":"$evil","values":{"$evil":3},"protocol":{"$evil":"$evil"}}""")
      val text = page(run)
      text shouldNotContain "<img src=x"
      text shouldNotContain "<b>"
      text shouldContain "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
      text shouldContain "<h1>&lt;b&gt;&amp;&quot;run&#39;</h1>"
      val curves = data(text).getValue("runs").jsonArray[0].jsonObject.getValue("curves").jsonObject
      curves.keys shouldContainExactly setOf(evil)
    }

    test("a page names no other place") {
      val text = page(PlayedRun(root.resolve("alone")).course(20).samples(500, 1000).manifest().references())
      val withoutLicence = text.substringBefore("<footer>") + text.substringAfter("</footer>")
      Regex("(?:src|href)=\"(?!data:|#)[^\"]*\"").findAll(withoutLicence).map { it.value }.toList().shouldBeEmpty()
      text shouldContain "default-src &#39;none&#39;"
      text shouldContain "The MIT License"
    }

    test("the numbers are there as text") {
      val text = page(PlayedRun(root.resolve("text")).course(20).manifest())
      text shouldContain "<dt>Images seen</dt><dd>64,000</dd>"
      text shouldContain "<dt>Peak memory</dt><dd>1.50 GB</dd>"
      text shouldContain "<dt>Images per second</dt><dd>256.5</dd>"
      text shouldContain "<dd>host run --config &lt;b&gt;&amp;.yaml</dd>"
      text shouldContain "<th scope=\"row\">0.3-0.4</th>"
    }

    test("squared errors are shown as what they are compared with") {
      val run = PlayedRun(root.resolve("square")).references()
      run.metrics("""{"step":1,"images":1,"seconds":1,"rmse_by_level/0-1":0.5}""" + "\n")
      val levels = data(page(run)).getValue("runs").jsonArray[0].jsonObject.getValue("levels").jsonObject
      levels.getValue("curves").jsonObject.getValue("rmse").jsonArray[0].jsonArray[0].jsonPrimitive.content shouldBe
        "0.25"
    }

    test("evaluations share an axis only under one protocol, averaged weights and trained ones as two lines") {
      val run = PlayedRun(root.resolve("evaluated")).course(20).samples(500)
      run.evaluations(
        evaluation(500, "ema", 9.0, 2000),
        evaluation(500, "model", 12.0, 2000),
        evaluation(1000, "ema", 4.0, 2000, "samples/step-000500.png"),
        evaluation(1000, "model", 6.0, 2000, "../../secret.png"),
        evaluation(1000, "ema", 3.0, 10000),
        "torn {",
      )
      val text = page(run)
      val charts = data(text).getValue("evaluations").jsonArray
      charts.map { chart -> chart.jsonArray.map { it.jsonObject.getValue("weights").jsonPrimitive.content } } shouldBe
        listOf(listOf("ema", "model"))
      Regex("<h3>fd-classifier</h3>").findAll(text).count() shouldBe 2
      text shouldContain "<dt>samples</dt><dd>10000</dd>"
      text shouldContain "Figure of fd-classifier: samples/step-000500.png, step 1,000"
      text shouldContain "The figure ../../secret.png lies outside of the run and is left out."
      text shouldContain "1 line of evaluations.jsonl cannot be read"
    }

    test("of a later evaluation of the same weights and protocol the later line counts") {
      val run =
        PlayedRun(root.resolve("again")).evaluations(evaluation(5, "ema", 9.0, 10), evaluation(5, "ema", 8.0, 10))
      EvaluationFile(run.folder.resolve("evaluations.jsonl")).read { error(it) }.single().values shouldBe
        mapOf("fd" to 8.0)
    }

    test("several runs: what differs first, then charts with all, levels of different units apart") {
      val a = PlayedRun(root.resolve("a"), "first").course(20).samples(500, 1000).config("seed: 1").references()
      val b = PlayedRun(root.resolve("b"), "second").course(10).samples(500).config("seed: 2").references(edm = true)
      a.evaluations(evaluation(500, "ema", 9.0, 10), evaluation(1000, "ema", 8.0, 10))
      b.evaluations(evaluation(500, "ema", 7.0, 10), evaluation(500, "ema", 5.0, 20))
      val text = comparisonPage(listOf(a, b).map { plainReader().read(it.folder, 2) })
      text.indexOf("What differs</h2>") shouldBeLessThan text.indexOf("Samples</h2>")
      text shouldContain "<th scope=\"row\">seed</th><td>1</td><td>2</td>"
      text shouldNotContain "<th scope=\"row\">name</th>"
      Regex("data-key=\"train/loss\"").findAll(text).count() shouldBe 1
      Regex("data-key=\"loss\" data-unit=\"noise level σ: [^\"]*\"(?: data-log-x)? data-runs=\"(\\d)\"")
        .findAll(text)
        .map { it.groupValues[1] }
        .toList() shouldContainExactly listOf("0", "1")
      Regex("<img data-run=\"(\\d)\"").findAll(text).map { it.groupValues[1] }.toList() shouldContainExactly
        listOf("0", "1")
      Regex("<h3>fd-classifier</h3>").findAll(text).count() shouldBe 2
      text shouldContain "<tr><th scope=\"row\">first</th><td>1,000</td><td>64,000</td><td>ema</td><td>8</td></tr>"
    }

    test("averaged and trained weights beside each other") {
      val run = PlayedRun(root.resolve("both")).course(20).samples(500, 1000).samples(500, 1000, weights = "model")
      val text = page(run)
      text shouldContain "alt=\"Generated images of averaged weights after 1,000 steps of training\""
      text shouldContain "alt=\"Generated images of trained weights after 1,000 steps of training\""
    }

    test("a run of a hundred thousand lines is a page of a few megabytes") {
      val run = PlayedRun(root.resolve("long")).course(100_000, 1).samples(*LongArray(200) { 500L * it }).references()
      val text = page(run)
      text.toByteArray().size shouldBeLessThan 4_000_000
      val curves = data(text).getValue("runs").jsonArray[0].jsonObject.getValue("curves").jsonObject
      curves.values.forEach { it.jsonObject.getValue("y").jsonArray.size shouldBeLessThan 2003 }
      data(text).getValue("runs").jsonArray[0].jsonObject.getValue("grids").jsonArray.size shouldBe 40
      run.folder.name shouldBe "long"
    }
  })
