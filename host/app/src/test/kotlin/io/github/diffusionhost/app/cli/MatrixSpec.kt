package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private val DATA: Path =
  (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of) ?: REPOSITORY.resolveSibling("shared")).resolve("data")

/** Every model with every scheduler on every dataset: trains a few steps, compiled, and samples. */
class MatrixSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val images = folder.resolve("images")

    beforeSpec {
      // Packed images are kept in the data folder, which is not ours to write to.
      val own = folder.resolve("data").createDirectories()
      if (DATA.isDirectory())
        DATA.listDirectoryEntries().forEach { own.resolve(it.name).createSymbolicLinkPointingTo(it.toRealPath()) }
      for (label in listOf("dark", "light")) {
        val target = images.resolve(label).createDirectories()
        for (i in 0 until 8) {
          val image = BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB)
          for (p in 0 until 256) image.setRGB(p % 16, p / 16, if (label == "dark") p * i else 0xffffff - p * i)
          ImageIO.write(image, "png", target.resolve("$i.png").toFile())
        }
      }
    }

    val models =
      mapOf(
        "unet" to
          listOf("model.channels=[8,16]", "model.attention=[1]", "model.layersPerBlock=1", "model.normGroups=4"),
        "dit" to listOf("model.preset=small", "model.width=32", "model.heads=2", "model.headSize=16", "model.layers=1"),
      ) +
        listOf("edm2-c", "edm2-e", "edm2-g").associateWith {
          listOf("model.channels=[32,32]", "model.attention=[1]", "model.blocks=2")
        }
    val datasets =
      mapOf(
        "glyphs" to listOf("dataset.count=64"),
        "mnist" to listOf("dataset.limit=64"),
        "cifar" to listOf("dataset.limit=64", "dataset.labels=none"),
        "tiny-imagenet" to
          listOf("dataset.path=$DATA/tiny-imagenet-200-sample", "dataset.limit=40", "dataset.labels=true"),
        "image-folder" to listOf("dataset.path=$images"),
      )
    val files = setOf("mnist", "cifar", "tiny-imagenet")
    /** Where labels are used: with the others networks are made without. */
    val labelled = setOf("glyphs", "tiny-imagenet")
    val data = folder.resolve("data")
    for ((model, modelOptions) in models) {
      for (scheduler in listOf("ddpm", "flowmatch", "edm2")) {
        for ((dataset, datasetOptions) in datasets) {
          val installed =
            if (dataset !in files || DATA.isDirectory()) Enabled.enabled else Enabled.disabled("no images in $DATA")
          test("$model, $scheduler and $dataset").config(enabledOrReasonIf = { installed }) {
            val run = folder.resolve("$model-$scheduler-$dataset")
            val train =
              listOf("steps=3", "batchSize=4", "logEvery=1", "sampleEvery=3", "checkpointEvery=3").map { "train.$it" }
            val labels = if (model == "dit") listOf() else listOf("model.classConditional=${dataset in labelled}")
            val settings = modelOptions + labels + datasetOptions + train + listOf("sample.steps=2", "sample.count=4")
            val environment = mapOf("DIFFUSIONHOST_DATA" to "$data")
            val trained =
              inProcess(
                "run",
                "--plugins",
                "$model,$scheduler,$dataset",
                "--run-dir",
                "$run",
                *settings.flatMap { listOf("--set", it) }.toTypedArray(),
                environment = environment,
              )
            trained.exit to trained.err.lines().filter { "Error" in it } shouldBe (0 to listOf())
            trained.err shouldNotContain "operation by operation"
            val losses =
              run.resolve("metrics.jsonl").readLines().mapNotNull {
                Json.parseToJsonElement(it).jsonObject["train/loss"]?.jsonPrimitive?.double
              }
            (losses.size == 3 && losses.all { it.isFinite() && it > 0 }) shouldBe true
            val grid = folder.resolve("$model-$scheduler-$dataset.png")
            val sampled =
              inProcess("sample", "--checkpoint", "$run", "--count", "4", "--out", "$grid", environment = environment)
            sampled.exit shouldBe 0
            (ImageIO.read(grid.toFile()).width >= 2 * 16) shouldBe true
          }
        }
      }
    }
  })
