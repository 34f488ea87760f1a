package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.selftest.Outcome
import io.github.diffusionhost.app.selftest.SelfTestReport
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json

/** `host selftest` on this machine's CPU; with a wrong kernel: `WrongKernelSpec`. */
@Tags("Slow")
class SelftestSpec :
  FunSpec({
    test("the CPU is right") {
      val ended = inProcess("selftest", "--device", "cpu", "--quick", "--json")
      withClue(ended.out + ended.err) { ended.exit shouldBe 0 }
      val report = Json.decodeFromString(SelfTestReport.serializer(), ended.out)
      report.device shouldBe "cpu"
      report.quick shouldBe true
      report.results.map { it.area }.distinct() shouldBe
        listOf("operators", "draws", "networks", "training", "sampling", "resume", "bfloat16", "divergence", "memory")
      for (result in report.results) {
        withClue(result) {
          result.outcome shouldBe Outcome.OK
          result.figure!! shouldBeLessThanOrEqual result.bound!!
        }
      }
    }

    test("the table has the worst figure of an area, and all of them if asked") {
      val worst = inProcess("selftest", "--only", "operators")
      withClue(worst.err) { worst.exit shouldBe 0 }
      worst.out.lines().count { it.startsWith("ok ") } shouldBe 1
      worst.out shouldContain Regex("33 of 33 right, on cpu, .*, in \\d+ s")
      val all = inProcess("selftest", "--only", "operators", "--all")
      all.out.lines().count { it.startsWith("ok ") } shouldBe 33
      all.out shouldContain "convolution of 3×3, bfloat16"
    }

    test("areas are named together or one by one, with or without spaces") {
      val ended = inProcess("selftest", "--only", "draws , divergence", "--only", "draws", "--json")
      withClue(ended.err) { ended.exit shouldBe 0 }
      val report = Json.decodeFromString(SelfTestReport.serializer(), ended.out)
      report.results.map { it.area }.distinct() shouldBe listOf("draws", "divergence")
    }

    test("an area or a device that is none is wrong usage") {
      val area = inProcess("selftest", "--only", "networks,toaster")
      area.exit shouldBe 2
      area.err shouldContain "--only 'toaster': areas are operators, draws, networks, training"
      inProcess("selftest", "--only", "Divergense").err shouldContain "did you mean divergence?"
      inProcess("selftest", "--only", "").err shouldContain "--only '': areas are"
      val device = inProcess("selftest", "--device", "toaster")
      device.exit shouldBe 2
      device.err shouldContain "'toaster' is not auto, cpu, gpu or gpu:N"
    }
  })
