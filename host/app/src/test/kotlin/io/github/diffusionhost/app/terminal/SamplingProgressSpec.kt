package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.terminal.TerminalRecorder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.PrintStream

/** A window of 60 columns. */
private val SCREEN = TerminalRecorder(AnsiLevel.NONE, 60)

/** A sampling of [total] images in batches, one second a step of a batch. */
private fun told(
  terminal: Boolean,
  total: Int,
  batch: Int,
  steps: Int,
  done: Int = 0,
  between: () -> Unit = {},
): String {
  val out = ByteArrayOutputStream()
  var now = 0L
  val progress =
    SamplingProgress(StatusLine(PrintStream(out, true), if (terminal) SCREEN else null), total, steps, done) { now }
  for (first in done until total step batch) {
    val images = minOf(batch, total - first)
    for (step in 1..steps) {
      now += 1_000_000_000L
      between()
      progress.stepped(step, images)
    }
    progress.sampled(images)
  }
  return "$out"
}

class SamplingProgressSpec :
  FunSpec({
    test("elsewhere than on a terminal there is a line every ten seconds, and one at the end of several batches") {
      told(terminal = false, total = 8, batch = 4, steps = 25).lines().dropLast(1) shouldContainExactly
        listOf(
          "[####----------------]  step 10/25  0/8 images  40 s left",
          "[########------------]  step 20/25  0/8 images  30 s left",
          "[############--------]  step 5/25  4/8 images  20 s left",
          "[################----]  step 15/25  4/8 images  10 s left",
          "8 of 8 images",
        )
    }

    test("a sampling that goes on counts what there is, and the time left of what there is not") {
      told(terminal = false, total = 8, batch = 4, steps = 25, done = 4).lines().dropLast(1) shouldContainExactly
        listOf(
          "[##############------]  step 10/25  4/8 images  15 s left",
          "[##################--]  step 20/25  4/8 images  5 s left",
          "8 of 8 images",
        )
    }

    test("a short sampling of one batch says nothing") {
      told(terminal = false, total = 4, batch = 4, steps = 9) shouldBe ""
    }

    test("on a terminal one line is written over, and wiped at the end") {
      val text = told(terminal = true, total = 8, batch = 8, steps = 3) { Thread.sleep(210) }
      // What is on the screen before each return to the line's begin.
      val seen = text.indices.filter { text[it] == '\r' }.map { screenAfter(text.take(it)) }
      seen shouldContain listOf("[######--------------]  step 1/3  0/8 images")
      seen shouldContain listOf("[#############-------]  step 2/3  0/8 images  1 s left")
      ('\n' in text) shouldBe false
      screenAfter(text) shouldBe listOf()
    }

    test("a line that is longer than the window is cut, one that is shorter than the one before leaves nothing of it") {
      val out = ByteArrayOutputStream()
      val status = StatusLine(PrintStream(out, true), SCREEN)
      status.show { "x".repeat(200) }
      screenAfter("$out").single().length shouldBe 60
      Thread.sleep(210)
      status.show { "short" }
      screenAfter("$out") shouldBe listOf("short")
      status.line("stays, and is longer than the window, whose sixty columns are not enough for it")
      status.clear()
      screenAfter("$out") shouldBe
        listOf("stays, and is longer than the window, whose sixty columns are not enough for it")
    }

    test("batches that are short have no line each") {
      told(terminal = false, total = 60, batch = 2, steps = 1).lines().dropLast(1) shouldContainExactly
        listOf(
          "[######--------------]  step 1/1  18/60 images  20 s left",
          "[#############-------]  step 1/1  38/60 images  10 s left",
          "60 of 60 images",
        )
    }

    test("lines that stay do so above the one that is written over") {
      val text = told(terminal = true, total = 4, batch = 2, steps = 12) { Thread.sleep(30) }
      screenAfter(text) shouldBe listOf("2 of 4 images", "4 of 4 images")
    }
  })
