package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.terminal.SamplingProgress
import io.github.diffusionhost.app.terminal.StatusLine
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.ByteArrayOutputStream
import java.io.PrintStream

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
  val progress = SamplingProgress(StatusLine(PrintStream(out, true), terminal), total, steps, done) { now }
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
      text shouldContain "\r[######--------------]  step 1/3  0/8 images\u001b[K"
      text shouldContain "\r[#############-------]  step 2/3  0/8 images  1 s left\u001b[K"
      ('\n' in text) shouldBe false
      text.substringAfterLast('\r') shouldBe "\u001b[K"
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
      text shouldContain "\r2 of 4 images\u001b[K\n"
      text shouldNotContain "\r\u001b[K\n"
    }
  })
