package io.github.diffusionhost.app.cli.weights

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.exists
import kotlin.io.path.writeText

/** Weights whose names have a prefix here and none there are no two copies of the network. */
class UnevenNamesSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
    val manager = autoClose(NDManager.newBaseManager())
    val tensors: Map<String, NDArray> by lazy {
      val run = folder.resolve("run")
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=1").exit shouldBe 0
      SafetensorsFile.open(run.resolve("checkpoints/step-000001/model.safetensors")).use { it.readAll(manager) }
    }

    fun imported(name: String, rename: (Int, String) -> String) =
      folder.resolve("$name.safetensors").let { file ->
        val renamed = tensors.entries.withIndex().associate { (i, entry) -> rename(i, entry.key) to entry.value }
        SafetensorsWriter.write(file, renamed, mapOf())
        inProcess("import", "--config", "$config", "--weights", "$file", "--out", "${folder.resolve(name)}")
      }

    for ((words, every) in mapOf("every second" to 2, "every third" to 3)) {
      test("$words name with another prefix is told as that, without advice that cannot help") {
        val ended = imported("uneven-$every") { i, name -> if (i % every == 0) "module.$name" else "online.$name" }
        withClue(ended.err) { ended.exit shouldBe 1 }
        ended.err shouldContain "under several prefixes, and under none all of them: "
        ended.err shouldContain "Give all names the same prefix, or none"
        ended.err shouldNotContain "--weights-prefix"
        ended.err shouldNotContain "Check the model's options"
        folder.resolve("uneven-$every").exists() shouldBe false
      }
    }

    test("one prefix for all is none") {
      imported("even") { _, name -> "module.$name" }.exit shouldBe 0
    }

    test("a tensor that is nowhere is still the model's options' affair") {
      val ended = imported("missing") { i, name -> if (i == 3) "other.thing" else name }
      ended.exit shouldBe 1
      ended.err shouldContain "Check the model's options"
    }
  })
