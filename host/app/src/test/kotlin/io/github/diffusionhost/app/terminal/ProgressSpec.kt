package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.terminal.TerminalRecorder
import io.github.diffusionhost.engine.train.TrainListener
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class ProgressSpec :
  FunSpec({
    test("what was measured is one line, without the numbers of parts") {
      val out = ByteArrayOutputStream()
      val progress = Progress(StatusLine(PrintStream(out, true), null))
      val values = mapOf("fd-classifier" to 8.457, "pixel-error/rmse" to 0.317, "pixel-error/rmse/0.5" to 0.4)
      progress.evaluated(1200, values)
      progress.evaluated(1300, mapOf())
      "$out" shouldBe "Measured after step 1,200: fd-classifier 8.46, pixel-error/rmse 0.317\n"
    }

    test("before the log has a loss, the line on a terminal says none") {
      val out = ByteArrayOutputStream()
      val screen = TerminalRecorder(AnsiLevel.NONE, 79)
      val progress = Progress(StatusLine(PrintStream(out, true), screen))
      progress.stepped(TrainListener.Progress(3, 300, Double.NaN, 345.0, 220.0, false))
      screenAfter("$out") shouldBe listOf("step 3/300  345 images/s  3 min 40 s left")
      Thread.sleep(210)
      progress.stepped(TrainListener.Progress(101, 300, 3.412, 345.0, 120.0, false))
      screenAfter("$out") shouldBe listOf("step 101/300  loss 3.41  345 images/s  2 min 0 s left")
    }

    test("a terminal that says that it is 0 wide is written to all the same") {
      val out = ByteArrayOutputStream()
      val progress = Progress(StatusLine(PrintStream(out, true), TerminalRecorder(AnsiLevel.NONE, 0)))
      progress.stepped(TrainListener.Progress(3, 300, Double.NaN, 345.0, 220.0, false))
      progress.line("done")
      "$out" shouldContain "step 3/300  345 images/s"
      "$out" shouldEndWith "done\n"
    }
  })
