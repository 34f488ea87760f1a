package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.report.page.ReportWriter
import io.github.diffusionhost.app.run.SHARED
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.name

private const val NAMED = "DIFFUSIONHOST_SCREENSHOT_RUNS"

/** A short training on real images, with metrics on the way. */
private class ShortRun(val data: String, val plugins: String, val settings: List<String>)

private val RUNS =
  mapOf(
    "mnist" to
      ShortRun(
        "mnist",
        "dit,flowmatch,mnist",
        listOf("model.preset=small", "model.width=32", "model.heads=2", "model.headSize=16", "model.layers=1"),
      ),
    "cifar10" to
      ShortRun(
        "cifar-10-batches-bin-sample",
        "edm2-e,edm2,cifar",
        listOf("model.channels=[32,32]", "model.attention=[1]", "model.blocks=2", "dataset.limit=64"),
      ),
  )

private val TRAINING =
  listOf(
    "train.steps=60",
    "train.batchSize=8",
    "train.logEvery=1",
    "train.sampleEvery=20",
    "train.checkpointEvery=30",
  ) +
    listOf("sample.steps=4", "sample.count=10") +
    "metrics=[{use: novelty, everyImages: 160, samples: 8, best: greatest}, {use: pixel-error, everyImages: 240, images: 8}]"

/**
 * Looks at the reports of real runs in a real browser, and leaves their pictures in `target/screenshots`: of short
 * ones, and of those whose folders the environment names, as those in the documentation were made.
 */
@Tags("Browser")
class RealRunReportSpec :
  FunSpec({
    val root = tempdir().toPath()
    val browser by lazy { Browser.start(root.resolve("profile")) }
    afterSpec { if (Browser.isInstalled) browser.close() }

    fun look(folder: Path) {
      val page = folder.resolve(ReportWriter.FILE)
      browser.open(page)
      browser.screen(1280, 1700, phone = false)
      val drawn = browser.ask<List<Long>>(DRAWN)
      drawn shouldHaveAtLeastSize 8
      drawn.forEach { it shouldBeGreaterThan 1000 }
      browser.picture(Path("target/screenshots/${folder.name}.png"))
      browser.requests().filterNot { it.startsWith("data:") }.distinct() shouldContainExactly
        listOf(page.toUri().toString())
      browser.ask<Long>("return [...document.images].filter(i => !i.alt.trim()).length") shouldBe 0
      browser.complaints().shouldBeEmpty()
    }

    for ((name, short) in RUNS) {
      val there = {
        when {
          !Browser.isInstalled -> Enabled.disabled("no page is opened: chromium and chromedriver are not on the path")
          !SHARED.resolve("data/${short.data}").isDirectory() -> Enabled.disabled("$SHARED has no data/${short.data}")
          else -> Enabled.enabled
        }
      }
      test("a run on real images has a report to look at: $name").config(enabledOrReasonIf = { there() }) {
        val folder = root.resolve(name)
        val sets = (short.settings + TRAINING).flatMap { listOf("--set", it) }.toTypedArray()
        val environment = mapOf("DIFFUSIONHOST_DATA" to "${SHARED.resolve("data")}")
        val run = arrayOf("run", "--plugins", short.plugins, "--run-dir", "$folder", *sets)
        inProcess(*run, environment = environment).let { it.exit to it.err.takeIf { _ -> it.exit != 0 } } shouldBe
          (0 to null)
        look(folder)
        val text = browser.ask<String>("return document.body.innerText")
        listOf("novelty", "pixel-error", "samples", "60").forEach { text shouldContain it }
      }
    }

    val named = System.getenv(NAMED)
    test("pictures of the runs that $NAMED names").config(
      enabledOrReasonIf = {
        if (named != null) Enabled.enabled else Enabled.disabled("set $NAMED to folders of runs, separated by ':'")
      }
    ) {
      named.split(':').map(Path::of).forEach(::look)
    }
  })
