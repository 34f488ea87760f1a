package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.writeText

private const val UNET_RUN =
  """
name: small
model: { use: unet, channels: [8, 16], attention: [1], layersPerBlock: 1, normGroups: 4, classConditional: true }
scheduler: { use: ddpm, variance: fixed-large, prediction: v, schedule: cosine }
dataset: { use: glyphs, count: 40 }
train: { steps: 3, batchSize: 4, labelDropout: 0.1, ema: [{ use: constant, decay: 0.5 }], checkpointEvery: 3 }
sample: { sampler: ddpm, spacing: trailing, steps: 2, count: 2 }
"""

/** Folders for diffusers. */
@Tags("Slow")
class DiffusersExportSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))

    fun folder(): Path = tempdir().toPath()

    fun done(vararg arguments: String): String {
      val finished = inProcess(*arguments)
      (finished.exit to finished.out) shouldBe (0 to finished.out)
      return finished.err
    }

    fun import(from: Path): Path =
      folder().resolve("imported").also { done("import", "--diffusers", "$from", "--out", "$it") }

    fun export(checkpoint: Path, vararg more: String): Path =
      folder().resolve("exported").also {
        done("export", "--format", "diffusers", "--checkpoint", "$checkpoint", "--out", "$it", *more)
      }

    fun bytes(folder: Path): Map<String, List<Byte>> =
      Files.walk(folder).use { all ->
        all.filter { it.isRegularFile() }.toList().associate { "${it.relativeTo(folder)}" to it.readBytes().toList() }
      }

    test("a network of diffusers comes back as diffusers wrote it, byte for byte") {
      for (name in NETWORKS) {
        val exported = export(import(network(name)))
        for (file in listOf("config.json", WEIGHTS)) {
          exported.resolve("unet/$file").readBytes().toList() shouldBe network(name).resolve(file).readBytes().toList()
        }
        exported.resolve("model_index.json").readText() shouldBe
          "{\n  \"_class_name\": \"DDPMPipeline\",\n  \"_diffusers_version\": \"0.40.0.dev0\",\n  \"scheduler\": [\n" +
            "    \"diffusers\",\n    \"DDPMScheduler\"\n  ],\n  \"unet\": [\n    \"diffusers\",\n    \"UNet2DModel\"\n  ]\n}\n"
        Files.exists(exported.resolve("scheduler/scheduler_config.json")) shouldBe true
      }
    }

    test("export, import and export again give the same bytes") {
      for (name in NETWORKS) {
        val first = export(import(network(name)))
        bytes(export(import(first))) shouldBe bytes(first)
      }
    }

    test("a run trained here is written with its average, and comes back") {
      val home = folder()
      home.resolve("small.yaml").writeText(UNET_RUN)
      val run = home.resolve("run")
      done("run", "--config", "$home/small.yaml", "--run-dir", "$run")
      val exported = export(run)
      val written = SafetensorsFile.open(exported.resolve("unet/$WEIGHTS")).use { it.readAll(manager) }
      for ((file, same) in listOf("ema" to true, "model" to false)) {
        val own = run.resolve("checkpoints/step-000003/$file.safetensors")
        val tensors = SafetensorsFile.open(own).use { it.readAll(manager) }
        written.keys.toList() shouldBe tensors.keys.sorted()
        tensors.all { (name, values) -> written.getValue(name) == values } shouldBe same
      }
      export(run, "--weights", "model").resolve("unet/$WEIGHTS").readBytes().toList() shouldNotBe
        exported.resolve("unet/$WEIGHTS").readBytes().toList()
      val model = readJsonObject(exported.resolve("unet/config.json"))
      // Ten digits, and the label that stands for none.
      model["num_class_embeds"] shouldBe 11L
      model["sample_size"] shouldBe 28L
      val scheduler = readJsonObject(exported.resolve("scheduler/scheduler_config.json"))
      scheduler.filterKeys {
        it in setOf("variance_type", "prediction_type", "beta_schedule", "timestep_spacing")
      } shouldBe
        mapOf(
          "variance_type" to "fixed_large",
          "prediction_type" to "v_prediction",
          "beta_schedule" to "squaredcos_cap_v2",
          "timestep_spacing" to "trailing",
        )
      bytes(export(import(exported))) shouldBe bytes(exported)
      // Glyphs are normalised as MNIST is.
      done("export", "--format", "diffusers", "--checkpoint", "$run", "--out", "$home/again") shouldContain
        "the network sees pixels as (x - 0.5) / 0.3081, and diffusers' pipelines as (x - 0.5) / 0.5"
    }

    test("what diffusers has no words for is refused before anything is written") {
      val home = folder()
      home.resolve("dit.yaml").writeText(TINY_RUN)
      done("run", "--config", "$home/dit.yaml", "--run-dir", "$home/dit", "--set", "train.steps=1")
      fun refused(run: String, vararg settings: String): String {
        val out = folder().resolve("out")
        val sets = settings.flatMap { listOf("--set", it) }.toTypedArray()
        val failed = inProcess("export", "--format", "diffusers", "--checkpoint", run, "--out", "$out", *sets)
        failed.exit shouldNotBe 0
        Files.exists(out) shouldBe false
        return failed.err
      }
      refused("$home/dit") shouldContain "model dit has no counterpart in diffusers; installed that have: unet"
      home.resolve("pool.yaml").writeText(UNET_RUN.replace("normGroups: 4", "normGroups: 4, downsample: max-pool"))
      done("run", "--config", "$home/pool.yaml", "--run-dir", "$home/pool", "--set", "train.steps=1")
      refused("$home/pool") shouldContain
        "downsample is max-pool, and diffusers' UNet2DModel halves by convolutions only"
      home
        .resolve("flow.yaml")
        .writeText(
          UNET_RUN.replace(Regex("scheduler: .*"), "scheduler: { use: flowmatch }").replace(Regex("sample: .*"), "")
        )
      done("run", "--config", "$home/flow.yaml", "--run-dir", "$home/flow", "--set", "train.steps=1")
      refused("$home/flow") shouldContain
        "scheduler flowmatch has no counterpart in diffusers; installed that have: ddpm"
    }

    test("a folder with something in it is refused, an empty one filled") {
      val checkpoint = import(network("class_cond"))
      val empty = folder().resolve("empty").createDirectory()
      done("export", "--format", "diffusers", "--checkpoint", "$checkpoint", "--out", "$empty")
      Files.exists(empty.resolve("model_index.json")) shouldBe true
      val again = inProcess("export", "--format", "diffusers", "--checkpoint", "$checkpoint", "--out", "$empty")
      again.exit shouldBe 2
      again.err shouldContain "--out $empty is there already; choose another folder"
    }
  })
