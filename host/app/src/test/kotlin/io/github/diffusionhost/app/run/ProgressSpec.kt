package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.terminal.Progress
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class ProgressSpec :
  FunSpec({
    test("what was measured is one line, without the numbers of parts") {
      val out = ByteArrayOutputStream()
      val progress = Progress(PrintStream(out, true), false)
      val values = mapOf("fd-classifier" to 8.457, "pixel-error/rmse" to 0.317, "pixel-error/rmse/0.5" to 0.4)
      progress.evaluated(1200, values)
      progress.evaluated(1300, mapOf())
      "$out" shouldBe "Measured after step 1,200: fd-classifier 8.46, pixel-error/rmse 0.317\n"
    }
  })
