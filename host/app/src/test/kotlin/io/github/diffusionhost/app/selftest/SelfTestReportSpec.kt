package io.github.diffusionhost.app.selftest

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import kotlinx.serialization.json.Json

/** What a person reads of it; and how arrays are compared. */
class SelfTestReportSpec :
  FunSpec({
    val results =
      listOf(
        Measured.of("operators", "product", 1e-6, 1e-5),
        Measured.of("operators", "tanh", 8e-6, 1e-5),
        Measured.of("training", "losses", 2e-3, 1e-3, "on a bad day"),
        Measured.of("training", "weights", Double.NaN, 1e-2),
        Measured("sampling", "everything", null, null, Outcome.SKIPPED, "no plugin brings unet"),
      )
    val report =
      SelfTestReport("gpu:0", "NVIDIA H100", "570.1", "Linux", "17", "0.35.1", "2.7.1", "0.1.0", false, 61.7, results)

    test("the worst of each area is shown, and all that is wrong or left out") {
      selfTestText(report, all = false) shouldBe
        """
                 AREA       THE WORST OF IT  FIGURE   BOUND
        ok       operators  tanh             8.0e-06  1.0e-05
        failed   training   losses           2.0e-03  1.0e-03
        failed   training   weights                   1.0e-02
        skipped  sampling   everything

        training, losses: on a bad day
        training, weights: the figure is NaN
        sampling, everything: no plugin brings unet
        FAILED: 2 of 4, 1 left out, on gpu:0, NVIDIA H100, in 62 s

        """
          .trimIndent()
    }

    test("all of it is shown if that is wanted, and what is right says so") {
      val right = report.copy(results = results.take(2))
      val text = selfTestText(right, all = true)
      text.lines()[1].trim() shouldBe "ok  operators  product  1.0e-06  1.0e-05"
      text shouldEndWith "\n2 of 2 right, on gpu:0, NVIDIA H100, in 62 s\n"
    }

    test("a figure that is infinite or no number is a failure, and whole JSON") {
      for (wrong in listOf(Double.NaN, Double.POSITIVE_INFINITY)) {
        val json =
          Json.encodeToString(
            SelfTestReport.serializer(),
            report.copy(results = listOf(Measured.of("a", "b", wrong, 1.0))),
          )
        Json.decodeFromString(SelfTestReport.serializer(), json).failed shouldBe 1
        json shouldContain "the figure is $wrong"
      }
    }

    test("what tests nothing does not say that it is right") {
      val nothing = report.copy(results = results.takeLast(1))
      nothing.nothing shouldBe true
      selfTestText(nothing, all = false) shouldEndWith
        "NOTHING was tested, 1 left out, on gpu:0, NVIDIA H100, in 62 s\n"
    }

    test("a difference is a share of the largest right value, and infinite where something is no number") {
      difference(doubleArrayOf(1.0, 9.0), doubleArrayOf(1.0, 10.0)) shouldBe 0.1
      difference(doubleArrayOf(0.0), doubleArrayOf(0.0)) shouldBe 0.0
      for (wrong in
        listOf(doubleArrayOf(Double.NaN, 1.0), doubleArrayOf(1.0), doubleArrayOf(Double.POSITIVE_INFINITY, 1.0))) {
        difference(wrong, doubleArrayOf(1.0, 1.0)) shouldBe Double.POSITIVE_INFINITY
      }
      difference(1.01, 1.0) shouldBe 0.010000000000000009
    }
  })
