package io.github.diffusionhost.app.train

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.exchange.WEIGHTS
import io.github.diffusionhost.app.exchange.network
import io.github.diffusionhost.app.exchange.pipeline
import io.github.diffusionhost.app.exchange.readJsonObject
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.engine.files.Sha256
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** A new run begins with weights that lie somewhere. */
@Tags("Slow")
class StartFromWeightsSpec :
  FunSpec({
    val folder = tempdir().toPath().toRealPath()
    val config = folder.resolve("tiny.yaml")
    val run = folder.resolve("run")
    val manager = autoClose(NDManager.newBaseManager())

    fun tensors(file: Path): Map<String, List<Float>> =
      SafetensorsFile.open(file).use { it.readAll(manager) }.mapValues { it.value.toFloatArray().toList() }

    /** A run of one step that changes no weight. */
    fun begin(name: String, vararg settings: String, from: Path = config): Finished =
      inProcess(
        "run",
        "--config",
        "$from",
        "--run-dir",
        "${folder.resolve(name)}",
        *(listOf("train.steps=1", "train.optimizer.lr=0", "sample.count=1") + settings)
          .flatMap { listOf("--set", it) }
          .toTypedArray(),
      )

    fun after(name: String, file: String) = folder.resolve("$name/checkpoints/step-000001/$file.safetensors")

    fun manifest(name: String) = Manifest.parse(folder.resolve("$name/manifest.json").readText())

    beforeSpec {
      config.writeText(TINY_RUN)
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=6").exit shouldBe 0
    }

    val newest = run.resolve("checkpoints/step-000006")

    for ((named, file) in listOf(null to "ema", "ema-1" to "ema-1", "model" to "model")) {
      test("a run's weights, ${named ?: "none named"}: those of $file in the network and its averages") {
        val name = "from-$named"
        val more = listOfNotNull(named?.let { "train.from.weights=$it" }).toTypedArray()
        val ended = begin(name, "train.from=$run", *more)
        ended.exit to ended.err shouldBe (0 to "")
        val source = newest.resolve("$file.safetensors")
        tensors(after(name, "model")) shouldBe tensors(source)
        val average = tensors(after(name, "ema"))
        for ((tensor, values) in tensors(source)) {
          average.getValue(tensor).zip(values).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-6f) }
        }
        val told = checkNotNull(manifest(name).weights)
        told.from shouldBe "$newest"
        told.step shouldBe 6
        told.sha256 shouldBe mapOf("$file.safetensors" to Sha256.of(source))
        told.loaded shouldBe tensors(source).size
        ended.out shouldContain "Begins with ${told.loaded} tensors of $newest at step 6"
      }
    }

    test("a checkpoint's weights, and the resolved config says where they are from") {
      begin("checkpoint", "train.from=$run/checkpoints/step-000003").exit shouldBe 0
      tensors(after("checkpoint", "model")) shouldBe tensors(run.resolve("checkpoints/step-000003/ema.safetensors"))
      folder.resolve("checkpoint/config.yaml").readText() shouldContain "path: $run/checkpoints/step-000003"
      folder.resolve("checkpoint/report.html").readText() shouldContain "$run/checkpoints/step-000003"
    }

    test("what does not fit is listed and refused, and allowed by partial") {
      val wide = arrayOf("train.from=$run", "model.layers=2", "model.classSize=16")
      val ended = begin("wide", *wide)
      ended.exit shouldBe 2
      ended.err shouldContain "does not fit this network: not there: "
      ended.err shouldContain "of another shape there: "
      ended.err shouldContain "--set train.from.partial=true"
      folder.resolve("wide").exists() shouldBe false

      begin("wide", *wide, "train.from.partial=true").let { it.exit to it.err } shouldBe (0 to "")
      val told = checkNotNull(manifest("wide").weights)
      told.missing.shouldNotBeEmpty()
      told.reshaped.shouldNotBeEmpty()
      begin("new", *wide.drop(1).toTypedArray()).exit shouldBe 0
      val untouched = tensors(after("new", "model"))
      val model = tensors(after("wide", "model"))
      val source = tensors(newest.resolve("ema.safetensors"))
      for ((name, values) in model) {
        values shouldBe if (name in told.missing + told.reshaped) untouched[name] else source[name]
      }
    }

    test("tensors that the network has not are listed, too") {
      begin("deep", "model.layers=2").exit shouldBe 0
      val ended = begin("shallow", "train.from=${folder.resolve("deep")}")
      ended.exit shouldBe 2
      ended.err shouldContain "not in the network: "
      ended.err shouldContain " more"
    }

    test("a run that was stopped before its first checkpoint begins again with the same weights, or not at all") {
      val name = "again"
      begin(name, "train.from=$run").exit shouldBe 0
      val root = folder.resolve(name)
      val finished = tensors(after(name, "model"))
      fun stopped() {
        root.resolve("checkpoints").toFile().deleteRecursively()
        root.resolve("checkpoints").toFile().mkdir()
        root.resolve("manifest.json").writeText(manifest(name).copy(newestCheckpoint = null).toJson())
      }
      stopped()
      inProcess("run", "--resume", "$root").exit shouldBe 0
      tensors(after(name, "model")) shouldBe finished
      stopped()
      val other = checkNotNull(manifest(name).weights).copy(sha256 = mapOf("ema.safetensors" to "0".repeat(64)))
      root.resolve("manifest.json").writeText(manifest(name).copy(weights = other).toJson())
      val refused = inProcess("run", "--resume", "$root")
      refused.exit shouldBe 2
      refused.err shouldContain "has other weights than those that the run began with"
    }

    test("a folder of diffusers, and the checkpoint that host import makes of it") {
      val pipeline = folder.resolve("pipeline").pipeline()
      val imported = folder.resolve("imported")
      inProcess("import", "--diffusers", "$pipeline", "--out", "$imported").exit shouldBe 0
      val refused = inProcess("run", "--resume", "$imported")
      refused.exit shouldBe 2
      refused.err shouldContain "--set train.from=$imported"
      val shape = Regex("shape: \\[(\\d+), (\\d+), (\\d+)]").find(imported.resolve("config.yaml").readText())!!
      val text = imported.resolve("config.yaml").readText()
      val config = readJsonObject(network().resolve("config.json"))
      val size = (config["sample_size"] as Long).toInt()
      shape.groupValues.drop(1) shouldBe listOf("${config["in_channels"]}", "$size", "$size")
      val images = folder.resolve("images").also { it.toFile().mkdir() }
      javax.imageio.ImageIO.write(java.awt.image.BufferedImage(size, size, 1), "png", images.resolve("a.png").toFile())
      val unet = folder.resolve("unet.yaml").also { it.writeText(text.replace(Regex("dataset:\n(  .*\n)+"), "")) }
      for (from in listOf(pipeline, imported)) {
        val name = "of-${from.fileName}"
        val ended =
          begin(
            name,
            "train.from=$from",
            "dataset={use: image-folder, path: '$images'}",
            "train.batchSize=1",
            "train.ema=[]",
            "sample.steps=1",
            from = unet,
          )
        ended.exit to ended.err shouldBe (0 to "")
        tensors(after(name, "model")) shouldBe tensors(network().resolve(WEIGHTS))
      }
      manifest("of-pipeline").weights?.sha256?.keys.orEmpty() shouldContain "unet/$WEIGHTS"
    }

    listOf(
        "train.from=$folder/nowhere" to "does not exist",
        "train.from=$folder" to "is no run, no checkpoint and no folder of diffusers",
        "train.from={path: $run, weights: ema-7}" to "train.from.weights ema-7: the checkpoint has model, ema, ema-1",
        "train.from={weights: model}" to "add `path: …`",
        "train.from={path: $run, partially: true}" to "allowed: path, weights, partial",
        "train.from=[$run]" to "a list",
        "train.from=" to "train.from: is empty; name a place of weights, or write null for none",
      )
      .forEach { (setting, words) ->
        test("refused: ${setting.replace("$folder", "")}") {
          val ended = begin("never", setting)
          ended.exit shouldBe 2
          ended.err shouldContain words
          folder.resolve("never").exists() shouldBe false
        }
      }
  })
