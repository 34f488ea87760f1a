package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.run.host
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.exists
import kotlin.io.path.writeText

/** `host sample` while it works: what lies beside its output, and what Ctrl-C leaves. */
class SamplingProcessSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")

    beforeSpec {
      val config = folder.resolve("tiny.yaml").apply { writeText(TINY_RUN) }
      host("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=6").exit shouldBe 0
    }

    test("a preview is beside the output while images are sampled, and gone in the end") {
      val out = folder.resolve("previewed.png")
      val preview = folder.resolve("previewed.preview.png")
      val process =
        HostProcess("sample", "--checkpoint", "$run", "--steps", "2000", "--preview-every", "10", "--out", "$out")
      while (process.alive() && !preview.exists()) Thread.sleep(5)
      process.finish().exit shouldBe 0
      out.exists() shouldBe true
      preview.exists() shouldBe false
    }

    test("Ctrl-C ends sampling with 130 and leaves nothing half done") {
      val out = folder.resolve("stopped.png")
      val preview = folder.resolve("stopped.preview.png")
      val process =
        HostProcess("sample", "--checkpoint", "$run", "--steps", "100000", "--preview-every", "10", "--out", "$out")
      while (process.alive() && !preview.exists()) Thread.sleep(5)
      process.signal("INT")
      val stopped = process.finish()
      stopped.exit shouldBe 130
      stopped.err shouldContain "SIGINT: stopping after this step"
      out.exists() shouldBe false
      preview.exists() shouldBe false
    }
  })
