package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.SHARED
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.createDirectories
import kotlin.io.path.isDirectory
import kotlin.io.path.readLines
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private val DATA: Path = SHARED.resolve("data")

/**
 * A model with every scheduler on every dataset: trains a few steps, compiled, and samples. A spec for each model, so
 * that two can run at a time.
 *
 * @param larger options of the model for images of 64 pixels: with one level more, attention costs a sixteenth
 */
abstract class MatrixSpec(model: String, modelOptions: List<String>, larger: List<String> = modelOptions) :
  FunSpec({
    val folder = tempdir().toPath()
    val images = folder.resolve("images")

    beforeSpec {
      for (label in listOf("dark", "light")) {
        val target = images.resolve(label).createDirectories()
        for (i in 0 until 8) {
          val image = BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB)
          for (p in 0 until 256) image.setRGB(p % 16, p / 16, if (label == "dark") p * i else 0xffffff - p * i)
          ImageIO.write(image, "png", target.resolve("$i.png").toFile())
        }
      }
    }

    val datasets =
      listOf(
        Images("glyphs", listOf("dataset.count=64")),
        Images("mnist", listOf("dataset.blackWhite=0", "dataset.limit=64"), needed = "mnist"),
        Images("cifar", listOf("dataset.limit=64"), listOf("dataset.labels=none"), "cifar-10-batches-bin-sample"),
        // Its packed cache is kept in the data folder.
        Images(
          "tiny-imagenet",
          listOf("dataset.limit=64", "dataset.path=${DATA.resolve(TINY)}"),
          listOf("dataset.labels=false"),
          TINY,
          data = folder.resolve("data"),
        ),
        Images("image-folder", listOf("dataset.path=$images"), only = "unet"),
      )
    for (scheduler in listOf("ddpm", "flowmatch", "edm2")) {
      for (dataset in datasets.filter { it.only == null || it.only == model }) {
        for (labels in listOf(true, false)) {
          val name = "$model, $scheduler and ${dataset.name} ${if (labels) "with" else "without"} labels"
          test(name).config(enabledOrReasonIf = { dataset.installed() }) {
            val run = folder.resolve(name.replace(Regex("\\W+"), "-"))
            val train = listOf("steps=3", "batchSize=4", "logEvery=1", "sampleEvery=3", "checkpointEvery=3")
            val settings =
              (if (dataset.name == "tiny-imagenet") larger else modelOptions) +
                "model.classConditional=$labels" +
                dataset.settings +
                (if (labels) listOf() else dataset.unlabelled) +
                train.map { "train.$it" } +
                listOf("sample.steps=2", "sample.count=4")
            val environment = mapOf("DIFFUSIONHOST_DATA" to "${dataset.data}")
            val trained =
              inProcess(
                "run",
                "--plugins",
                "$model,$scheduler,${dataset.name}",
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
            val samples = run.resolve("samples/step-000003.png")
            (ImageIO.read(samples.toFile()).width >= 2 * 16) shouldBe true
            // The weights as a checkpoint keeps them make images as well.
            if (labels && dataset.name == "glyphs") {
              val grid = folder.resolve("${run.fileName}.png")
              inProcess("sample", "--checkpoint", "$run", "--count", "4", "--out", "$grid").exit shouldBe 0
              (ImageIO.read(grid.toFile()).width >= 2 * 16) shouldBe true
            }
          }
        }
      }
    }
  })

private val UNET = listOf("model.layersPerBlock=1", "model.normGroups=4")

@Tags("Slow")
class UnetMatrixSpec :
  MatrixSpec(
    "unet",
    UNET + "model.channels=[8,16]" + "model.attention=[1]",
    UNET + "model.channels=[8,8,16]" + "model.attention=[2]",
  )

@Tags("Slow")
class DitMatrixSpec :
  MatrixSpec(
    "dit",
    listOf("model.preset=small", "model.width=32", "model.heads=2", "model.headSize=16", "model.layers=1"),
  )

private val EDM2 = listOf("model.channels=[32,32]", "model.attention=[1]", "model.blocks=2")
private val EDM2_LARGER = listOf("model.channels=[32,32,32]", "model.attention=[2]", "model.blocks=2")

@Tags("Slow") class Edm2cMatrixSpec : MatrixSpec("edm2-c", EDM2, EDM2_LARGER)

@Tags("Slow") class Edm2eMatrixSpec : MatrixSpec("edm2-e", EDM2, EDM2_LARGER)

@Tags("Slow") class Edm2gMatrixSpec : MatrixSpec("edm2-g", EDM2, EDM2_LARGER)

private const val TINY = "tiny-imagenet-200-sample"

/**
 * Images to train on.
 *
 * @param unlabelled settings that leave labels out
 * @param needed what of [DATA] they are in
 * @param only the one model that they are tried with
 */
private class Images(
  val name: String,
  val settings: List<String>,
  val unlabelled: List<String> = listOf(),
  private val needed: String? = null,
  val data: Path = DATA,
  val only: String? = null,
) {
  fun installed() =
    if (needed == null || DATA.resolve(needed).isDirectory()) Enabled.enabled
    else Enabled.disabled("no $needed in $DATA")
}
