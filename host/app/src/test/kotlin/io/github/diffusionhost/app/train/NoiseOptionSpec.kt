package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** `train.noise`: a run is written down with where its draws were made, and keeps to it. */
@Tags("Slow")
class NoiseOptionSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("tiny.yaml").apply { writeText(TINY_RUN) }

    test("auto is written down as what it was on the device") {
      val run = folder.resolve("auto")
      val ended =
        inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=3", "--device", "cpu")
      withClue(ended.err) { ended.exit shouldBe 0 }
      run.resolve("config.yaml").readText() shouldContain "noise: host"
    }

    test("a run that drew on the device goes on so, and refuses another way") {
      val run = folder.resolve("device")
      val begun = arrayOf("run", "--config", "$config", "--run-dir", "$run", "--set", "train.noise=device")
      inProcess(*begun, "--set", "train.steps=3").exit shouldBe 0
      run.resolve("config.yaml").readText() shouldContain "noise: device"
      val other = inProcess("run", "--resume", "$run", "--set", "train.steps=6", "--set", "train.noise=host")
      other.exit shouldBe 2
      other.err shouldContain "train.noise"
      val on = inProcess("run", "--resume", "$run", "--set", "train.steps=6")
      withClue(on.err) { on.exit shouldBe 0 }
      run.resolve("config.yaml").readText() shouldContain "noise: device"
      val auto = inProcess("run", "--resume", "$run", "--set", "train.steps=7", "--set", "train.noise=auto")
      withClue(auto.err) { auto.exit shouldBe 0 }
      run.resolve("config.yaml").readText() shouldContain "noise: device"
    }

    test("another word is refused with those that there are") {
      val ended = inProcess("config", "validate", "$config", "--set", "train.noise=gpu")
      ended.exit shouldBe 2
      ended.err shouldContain "train.noise"
      ended.err shouldContain "auto, host, device"
    }
  })
