package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.report.page.comparisonPage
import io.github.diffusionhost.app.report.page.reportPage
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.Path
import kotlin.io.path.fileSize
import kotlin.io.path.writeText
import org.openqa.selenium.Keys

private const val CONTROLS = "a[href], button, input, select, summary, [tabindex='0']"

/** How many pixels of each canvas are drawn on. */
internal const val DRAWN =
  """return [...document.querySelectorAll('canvas')].map(canvas => {
    const bytes = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let drawn = 0;
    for (let i = 3; i < bytes.length; i += 4) drawn += bytes[i] > 0;
    return drawn;
  })"""

/** A picture of a canvas that changes with it. */
private fun canvas(key: String) = "return document.querySelector('canvas[data-key=\"$key\"]').toDataURL()"

/** What a page does in a real browser. */
@Tags("Browser")
class ReportBrowserSpec :
  FunSpec({
    if (Browser.isInstalled) opened()
    else
      test("pages in a browser").config(
        enabledOrReasonIf = { Enabled.disabled("chromium and chromedriver are not on the path") }
      ) {
        Browser.start(tempdir().toPath()).close()
      }
  })

private fun FunSpec.opened() {
  val root = tempdir().toPath()
  val browser by lazy { Browser.start(root.resolve("profile")) }
  afterSpec { browser.close() }

  val played by lazy {
    val run = PlayedRun(root.resolve("run")).course(300).samples(5000, 10000, 15000).config().manifest().references()
    run.evaluations(
      """{"step":5000,"images":320000,"metric":"fd-classifier","weights":"ema","values":{"fd":9},"protocol":{"samples":"2000"},"figures":["samples/step-005000.png"]}""",
      """{"step":15000,"images":960000,"metric":"fd-classifier","weights":"ema","values":{"fd":4},"protocol":{"samples":"2000"}}""",
    )
    root.resolve("report.html").also { it.writeText(reportPage(plainReader().read(run.folder))) }
  }
  val compared by lazy {
    val runs =
      listOf("a", "b", "c").mapIndexed { i, name ->
        PlayedRun(root.resolve(name), name).course(100 + 50 * i).samples(1000, 5000).config("seed: $i").references()
      }
    root.resolve("compare.html").also { it.writeText(comparisonPage(runs.map { plainReader().read(it.folder, 3) })) }
  }
  fun pages() = listOf(played, compared)

  test("no page asks for anything but itself, and the console stays empty") {
    for (page in pages()) {
      browser.open(page)
      browser.ask<List<Long>>(DRAWN)
      browser.requests().filterNot { it.startsWith("data:") }.distinct() shouldContainExactly
        listOf(page.toUri().toString())
      browser.ask<Long>(
        "return performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length"
      ) shouldBe 0
      browser.complaints().shouldBeEmpty()
    }
  }

  test("every chart is drawn") {
    for (page in pages()) {
      browser.open(page)
      val drawn = browser.ask<List<Long>>(DRAWN)
      drawn shouldHaveAtLeastSize 10
      drawn.forEach { it shouldBeGreaterThan 2000 }
    }
  }

  test("every picture has words, every control a name, and every chart says what it shows") {
    for (page in pages()) {
      browser.open(page)
      browser.ask<Long>("return [...document.images].filter(i => !i.alt.trim()).length") shouldBe 0
      browser.ask<Long>("return document.images.length") shouldBeGreaterThan 0
      browser.ask<Long>(
        "return [...document.querySelectorAll('canvas')].filter(c => !c.getAttribute('aria-label')).length"
      ) shouldBe 0
      browser
        .ask<List<String>>(
          """return [...document.querySelectorAll("$CONTROLS")].filter(e => !(
              e.getAttribute('aria-label') || e.textContent.trim() || [...(e.labels ?? [])].some(l => l.textContent.trim())
            )).map(e => e.outerHTML.slice(0, 120))"""
        )
        .shouldBeEmpty()
    }
  }

  test("the tabulator reaches every control that can be seen, and one sees where it is") {
    browser.open(played)
    browser.ask<Any?>("window.seen = new Set(); document.addEventListener('focusin', e => seen.add(e.target))")
    val count = browser.ask<Long>("return document.querySelectorAll(\"$CONTROLS\").length")
    repeat(count.toInt() + 5) { browser.press(Keys.TAB) }
    browser
      .ask<List<String>>(
        """return [...document.querySelectorAll("$CONTROLS")]
            .filter(e => e.checkVisibility() && !seen.has(e)).map(e => e.outerHTML.slice(0, 120))"""
      )
      .shouldBeEmpty()
    browser.focus("smoothing")
    browser.press(Keys.ARROW_RIGHT)
    browser.ask<String>("return getComputedStyle(document.activeElement).outlineStyle") shouldBe "solid"
  }

  test("keys move through the samples") {
    for (page in pages()) {
      browser.open(page)
      val source = "return document.querySelector('img[data-run]').src"
      val last = browser.ask<String>(source)
      browser.focus("grid")
      browser.press(Keys.ARROW_LEFT)
      browser.ask<String>(source) shouldNotBe last
      browser.press(Keys.ARROW_RIGHT)
      browser.ask<String>(source) shouldBe last
      browser.press(Keys.HOME)
      browser.ask<String>("return document.getElementById('grid').value") shouldBe "0"
    }
    browser.open(played)
    browser.focus("grid")
    browser.press(Keys.ARROW_LEFT)
    browser.ask<String>("return document.querySelector('img[data-run]').alt") shouldBe
      "Generated images after 10,000 steps of training"
    browser.ask<String>("return document.getElementById('grid').getAttribute('aria-valuetext')") shouldBe "step 10,000"
  }

  test("smoothing, the axis and the moment change what is drawn") {
    for (page in pages()) {
      browser.open(page)
      fun changes(key: String, change: () -> Unit) {
        val before = browser.ask<String>(canvas(key))
        change()
        browser.ask<Any?>("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        browser.ask<String>(canvas(key)) shouldNotBe before
      }
      changes("train/loss") {
        browser.focus("smoothing")
        browser.press(Keys.END)
      }
      browser.ask<String>("return document.getElementById('smoothing-value').textContent") shouldBe "10% of the run"
      changes("train/loss") { browser.ask<Any?>("document.getElementById('logarithmic').click()") }
      changes("train/loss") {
        browser.focus("along")
        browser.press(Keys.ARROW_DOWN)
      }
      changes("loss") {
        browser.focus("moment")
        browser.press(Keys.HOME)
      }
    }
  }

  test("smoothing gives a constant back, and forgets over its share of the run") {
    val run = PlayedRun(root.resolve("step"))
    run.metrics(
      *Array(400) {
        """{"step":${it + 1},"images":${it + 1},"seconds":1,"train/loss":${if (it < 200) 1 else 3}}""" + "\n"
      }
    )
    root.resolve("step.html").writeText(reportPage(plainReader().read(run.folder)))
    browser.open(root.resolve("step.html"))
    val smooth =
      browser
        .ask<List<Map<String, Number>>>("return Chart.getChart(document.querySelector('canvas')).data.datasets[1].data")
        .map { it.getValue("y").toDouble() }
    smooth.take(200).forEach { Math.abs(it - 1) shouldBeLessThan 1e-9 }
    // After the time constant, 2% of 400 lines, 1/e of the step is left.
    Math.abs(smooth[207] - (3 - 2 * Math.exp(-1.0))) shouldBeLessThan 1e-3
  }

  test("a phone's screen is wide enough") {
    for (page in pages()) {
      browser.open(page)
      browser.screen(390, 844, phone = true)
      browser.ask<Any?>("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
      browser.ask<Long>("return document.documentElement.scrollWidth") shouldBe 390L
      browser.ask<Boolean>(
        "return [...document.querySelectorAll('canvas')].every(c => c.getBoundingClientRect().right <= 390)"
      ) shouldBe true
      browser.picture(Path("target/screenshots/${page.fileName}-phone.png"))
    }
  }

  test("dark where the system is dark or the button says so") {
    browser.open(played)
    val paper = "return getComputedStyle(document.body).backgroundColor"
    val light = browser.ask<String>(paper)
    val chart = browser.ask<String>(canvas("train/loss"))
    browser.picture(Path("target/screenshots/report-light.png"))
    browser.media(dark = true)
    browser.ask<String>(paper) shouldBe "rgb(20, 21, 24)"
    browser.ask<String>(canvas("train/loss")) shouldNotBe chart
    browser.picture(Path("target/screenshots/report-dark.png"))
    browser.ask<String>("return document.getElementById('theme').textContent") shouldBe "Light"
    browser.ask<Any?>("document.getElementById('theme').click()")
    browser.ask<String>(paper) shouldBe light
    browser.ask<Any?>("document.getElementById('theme').click()")
    browser.ask<String>(paper) shouldBe "rgb(20, 21, 24)"
  }

  test("printing leaves out what cannot be used on paper and is always light") {
    browser.open(played)
    browser.media(dark = true)
    browser.printed().decodeToString(0, 5) shouldBe "%PDF-"
    browser.ask<String>("return getComputedStyle(document.body).backgroundColor") shouldBe "rgb(20, 21, 24)"
    browser.media(dark = false, print = true)
    val shown =
      browser.ask<List<String>>(
        "return ['nav', '.controls', '.copy', 'figure', 'table'].map(s => getComputedStyle(document.querySelector(s)).display)"
      )
    shown.take(3) shouldContainExactly listOf("none", "none", "none")
    shown[3] shouldNotBe "none"
    shown[4] shouldBe "table"
    browser.complaints().shouldBeEmpty()
  }

  test("numbers can be copied") {
    browser.open(played)
    browser.ask<Any?>("document.querySelector('.copyable').open = true")
    val text =
      browser.ask<String>(
        "const r = document.createRange(); r.selectNode(document.querySelector('.copyable table')); getSelection().addRange(r); return String(getSelection())"
      )
    text shouldContain "15,000"
    browser.ask<Any?>("document.querySelector('.copyable .copy').click()")
    browser.complaints().shouldBeEmpty()
  }

  test("a hundred thousand lines open") {
    val run = PlayedRun(root.resolve("long")).course(100_000, 1).samples(*LongArray(200) { 500L * it }).references()
    val page = root.resolve("long.html").also { it.writeText(reportPage(plainReader().read(run.folder))) }
    page.fileSize() shouldBeLessThan 15_000_000
    browser.open(page)
    browser.ask<List<Long>>(DRAWN).forEach { it shouldBeGreaterThan 2000 }
    browser.complaints().shouldBeEmpty()
    val took = browser.ask<Number>("return performance.getEntriesByType('navigation')[0].loadEventEnd").toLong()
    println("ReportBrowserSpec: a page of ${page.fileSize() / 1000} kB from 100,000 lines was there after $took ms")
  }
}
