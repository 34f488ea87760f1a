package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.cli.main
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.writeText

/** `host sample --guide`, from the command line. */
@Tags("Slow")
class AutoguidanceSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val manager = autoClose(NDManager.newBaseManager())
    val config = folder.resolve("tiny.yaml")

    fun train(name: String, vararg settings: String) {
      val sets = listOf("train.labelDropout=0", "sample.guidance=1", *settings).flatMap { listOf("--set", it) }
      val ended = inProcess("run", "--config", "$config", "--run-dir", "$folder/$name", *sets.toTypedArray())
      (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
    }

    fun sample(run: String, vararg arguments: String) =
      inProcess("sample", "--checkpoint", "$folder/$run", "--out", "$folder/out.safetensors", *arguments)

    fun images(run: String, vararg arguments: String): List<Float> {
      val ended = sample(run, "--count", "3", "--seed", "5", *arguments)
      (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
      return SafetensorsFile.open(folder.resolve("out.safetensors"))
        .use { it.read("samples", manager) }
        .toFloatArray()
        .toList()
    }

    fun shouldBeNear(a: List<Float>, b: List<Float>) = a.zip(b).forEach { (x, y) -> x shouldBe (y plusOrMinus 1e-3f) }

    beforeSpec {
      config.writeText(TINY_RUN.replace("use: flowmatch", "use: edm2"))
      train("main", "train.steps=6")
      // Narrower, trained for less long, at other noise levels.
      train("guide", "train.steps=3", "model.width=16", "model.heads=1", "scheduler.pMean=-0.4")
    }

    test("guidance 1 is the network, 0 the guide, and 2 goes as far beyond it again") {
      val main = images("main")
      val guide = images("guide")
      main shouldNotBe guide
      shouldBeNear(images("main", "--guide", "$folder/guide", "--guidance", "1"), main)
      shouldBeNear(images("main", "--guide", "$folder/guide", "--guidance", "0"), guide)
      val beyond = images("main", "--guide", "$folder/guide", "--guidance", "2")
      (beyond.zip(main).maxOf { (a, b) -> kotlin.math.abs(a - b) } > 1e-3) shouldBe true
    }

    test("a network guided by itself stays what it is, and by its other weights does not") {
      val main = images("main")
      shouldBeNear(images("main", "--guide", "$folder/main", "--guidance", "3"), main)
      images("main", "--guide", "$folder/main", "--guide-weights", "model", "--guidance", "3") shouldNotBe main
    }

    test("networks of flow matching are guided, too") {
      train("flow", "train.steps=3", "scheduler.use=flowmatch")
      shouldBeNear(images("flow", "--guide", "$folder/flow", "--guidance", "3"), images("flow"))
    }

    test("everything that does not fit is said at once") {
      train("other", "train.steps=1", "dataset.mean=0.25", "scheduler.use=flowmatch")
      val failed = sample("main", "--guide", "$folder/other", "--guidance", "2")
      failed.exit shouldBe 2
      failed.err shouldContain "--guide $folder/other cannot guide this checkpoint"
      failed.err shouldContain "it has pixels of mean 0.25 and std"
      failed.err shouldContain "it has scheduler flowmatch and not edm2"
      failed.err shouldNotContain "\tat "
    }

    test("a network that is asked for something else cannot guide") {
      train("sigma-data", "train.steps=1", "scheduler.sigmaData=1")
      val failed = sample("main", "--guide", "$folder/sigma-data", "--guidance", "2")
      failed.exit shouldBe 2
      failed.err shouldContain "its edm2 has other options, so that the networks predict different things"
    }

    for ((words, row) in
      mapOf(
        "a guide without guidance" to (listOf("--guide", "GUIDE") to "--guide needs --guidance W"),
        "weights of no guide" to (listOf("--guide-weights", "ema") to "--guide-weights is for --guide"),
        "weights that the guide does not have" to
          (listOf("--guide", "GUIDE", "--guidance", "2", "--guide-weights", "best") to
            "--guide-weights best: the checkpoint has model, ema, ema-1"),
        "a guide that is not there" to (listOf("--guide", "/nowhere", "--guidance", "2") to "/nowhere"),
      )) {
      test("one clear message for $words") {
        val failed = sample("main", *row.first.map { if (it == "GUIDE") "$folder/guide" else it }.toTypedArray())
        failed.exit shouldNotBe 0
        failed.err shouldContain row.second
        failed.err shouldNotContain "\tat "
      }
    }
  })
