package io.github.diffusionhost.app.cli.measure

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import java.awt.image.BufferedImage
import java.awt.image.BufferedImage.TYPE_BYTE_GRAY
import java.awt.image.BufferedImage.TYPE_INT_RGB
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import javax.imageio.ImageIO
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private fun script(name: String) = "torchscript:${REPOSITORY.resolve("plugins/fidelity/src/test/resources/$name")}"

/** `host evaluate --images`. */
@Tags("Process")
class EvaluateImagesSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val run = folder.resolve("run")
    val images = folder.resolve("images")
    val data = mapOf("DIFFUSIONHOST_DATA" to "${folder.resolve("data")}")

    fun host(vararg arguments: String, more: List<CountingMetric> = listOf()): Finished =
      inProcess(*arguments, environment = data, more = more)

    fun evaluate(vararg arguments: String, of: Path = images) = host("evaluate", "--images", "$of", *arguments)

    fun Finished.json(): JsonObject {
      (exit to err.takeIf { exit != 0 }) shouldBe (0 to null)
      return Json.parseToJsonElement(out).jsonObject
    }

    fun JsonObject.part(name: String) =
      getValue("metrics").jsonArray[0].jsonObject.getValue(name).jsonObject.mapValues { it.value.jsonPrimitive }

    fun Finished.value() = json().part("values").values.first().double

    // Each in a process of its own would take seconds more.
    val trust = "--trust-scripts"
    val fid = arrayOf(trust, "--metrics", "fid", "--set", "metrics.fid.extractor.use=${script("plain.pt")}", "--json")
    val glyphs = arrayOf("--plugins", "glyphs", "--set", "dataset.count=200")

    fun zipped(): Path =
      folder.resolve("images.zip").also { zip ->
        ZipOutputStream(zip.outputStream()).use { out ->
          images.listDirectoryEntries().forEach {
            out.putNextEntry(ZipEntry("inside/${it.name}"))
            out.write(it.readBytes())
          }
        }
      }

    val changes = mutableListOf<() -> Unit>()

    /** Some of the images, and something that does not fit. */
    fun changed(name: String, change: (Path) -> Unit): Path =
      folder.resolve(name).also { copy ->
        changes += {
          copy.createDirectories()
          images.listDirectoryEntries().take(4).forEach { it.copyTo(copy.resolve(it.name)) }
          change(copy)
        }
      }

    fun picture(edge: Int, type: Int) = BufferedImage(edge, edge, type).apply { setRGB(3, 3, 77) }

    beforeSpec {
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      inProcess("run", "--config", "$config", "--run-dir", "$run", "--set", "train.steps=3").exit shouldBe 0
      inProcess("sample", "--checkpoint", "$run", "--count", "40", "--steps", "2", "--out", "$images/").exit shouldBe 0
      changes.forEach { it() }
    }

    test("an Inception Score by a network that knows no classes is wrong usage, before anything is computed") {
      val failed =
        evaluate("--metrics", "inception-score", "--set", "metrics.inception-score.extractor.use=${script("plain.pt")}")
      failed.exit shouldBe 2
      failed.err shouldContain "gives no probabilities of classes: use inception-2015 or classifier"
    }

    test("the images that a checkpoint's network makes are worth the same in a folder, in a zip and unwritten") {
      val made = host("evaluate", "--checkpoint", "$run", *fid, "--count", "40", "--steps", "2")
      val direct = made.value()
      evaluate(*fid, *glyphs).value() shouldBe direct
      evaluate(*fid, *glyphs, of = zipped()).value() shouldBe direct
      evaluate(*fid, "--checkpoint", "$run").value() shouldBe direct
      evaluate(*fid, "--config", "${folder.resolve("tiny.yaml")}").value() shouldBe direct
    }

    test("a folder has no distance to itself, and one to other images") {
      evaluate(*fid, "--reference", "$images").value() shouldBe (0.0 plusOrMinus 1e-6)
      evaluate(*fid, "--reference", "${zipped()}").value() shouldBe (0.0 plusOrMinus 1e-6)
      evaluate(*fid, *glyphs).value() shouldBeGreaterThan 1.0
    }

    test("the protocol says which images were compared with which") {
      val json = evaluate(*fid, "--reference", "$images", "--count", "30").json()
      json.getValue("files").jsonPrimitive.content shouldBe "$images"
      val sha256 = json.getValue("sha256").jsonPrimitive.content.also { it shouldMatch "[0-9a-f]{64}" }
      val protocol = json.part("protocol").mapValues { it.value.content }
      protocol.getValue("images") shouldBe "images: the first 30"
      protocol.getValue("images sha256") shouldBe sha256
      protocol.getValue("compared with") shouldBe "images: 40 images, sha256 $sha256"
      protocol.getValue("generated images") shouldBe "30"
      protocol.containsKey("sampler") shouldBe false
      evaluate(*fid, *glyphs).json().part("protocol").getValue("compared with").content shouldContain
        Regex("^glyphs: .*count=200.*\\d$")
    }

    test("a run keeps no evaluation of images that are in files") {
      val kept = run.resolve("evaluations.jsonl")
      val before = if (kept.exists()) kept.readBytes().size else 0
      evaluate(*fid, "--checkpoint", "$run").exit shouldBe 0
      (if (kept.exists()) kept.readBytes().size else 0) shouldBe before
    }

    test("people read what was looked at, and --out keeps it") {
      val out = folder.resolve("found.json")
      val ended = evaluate(*fid.dropLast(1).toTypedArray(), "--reference", "$images", "--out", "$out")
      ended.out shouldContain "$images: 40 images\n\nFID "
      out.exists() shouldBe true
    }

    val rgb = changed("rgb") { ImageIO.write(picture(28, TYPE_INT_RGB), "png", it.resolve("0.png").toFile()) }
    val larger = changed("larger") { ImageIO.write(picture(32, TYPE_BYTE_GRAY), "png", it.resolve("a.png").toFile()) }
    val mixed = changed("mixed") { it.resolve("notes.txt").writeText("notes") }
    val text = folder.resolve("text.pt").also { it.writeText("no script") }
    val plain = fid.toList()

    fun extractor(name: String) = listOf(trust, "--metrics", "fid", "--set", "metrics.fid.extractor.use=$name")

    for ((words, row) in
      mapOf<String, Pair<Pair<Path, List<String>>, Pair<Int, String>>>(
        "other files among the images" to
          ((mixed to plain + glyphs) to (1 to "holds 1 files that are no PNG or JPEG: notes.txt; leave them out")),
        "an image of another size" to
          ((larger to plain + glyphs) to (1 to "a.png is 32x32 pixels, and the images to compare with are 28x28")),
        "a reference of another size" to
          ((images to plain + listOf("--plugins", "glyphs", "--set", "dataset.size=32")) to
            (1 to "000000.png is 28x28 pixels, and the images to compare with are 32x32")),
        "a reference of two sizes" to
          ((images to plain + listOf("--reference", "$larger")) to (1 to "a.png is 32x32 pixels")),
        "colours among grey images" to
          ((rgb to plain + glyphs) to (1 to "0.png has colours, and the images to compare with are grey")),
        "a folder that is not there" to
          ((folder.resolve("no") to plain + glyphs) to (1 to "there is no such folder or zip of images")),
        "more images than there are" to
          ((images to plain + glyphs + listOf("--count", "41")) to (2 to "--count 41: $images holds 40 images")),
        "nothing to compare with" to
          ((images to plain) to (2 to "--images needs something to compare with: --reference FOLDER|ZIP")),
        "two things to compare with" to
          ((images to plain + listOf("--reference", "$images", "--checkpoint", "$run")) to
            (2 to "--reference and --checkpoint each say what to compare with: give one")),
        "a reference and a dataset" to
          ((images to plain + glyphs + listOf("--reference", "$images")) to
            (2 to "--reference and a dataset each say what to compare with: give one")),
        "options of sampling" to
          ((images to plain + glyphs + listOf("--steps", "3")) to (2 to "--steps is for generated images")),
        "a metric of the network" to
          ((images to listOf("--metrics", "pixel-error") + glyphs) to
            (2 to
              "metric pixel-error (plugin fidelity 0.1.0): it looks at a network; evaluate a checkpoint, without --images")),
        "another metric of the network" to
          ((images to listOf("--metrics", "linear-probe") + glyphs) to
            (2 to "metric linear-probe (plugin linear-probe 0.1.0): it looks at a network")),
        "a metric of test images without a dataset" to
          ((images to listOf("--metrics", "novelty", "--reference", "$images")) to
            (2 to "a metric asks for test images, and a folder or zip is one set of images")),
        "a classifier without labels" to
          ((images to listOf("--metrics", "fd-classifier", "--reference", "$images")) to
            (2 to "the extractor classifier learns the labels of the dataset, which has none")),
        "a TorchScript file that is none" to ((images to extractor("torchscript:$text") + glyphs) to (1 to "$text")),
        "a TorchScript file that is not there" to
          ((images to extractor("torchscript:no.pt") + glyphs) to (1 to "no.pt: there is no such file")),
        "features of a wrong shape" to
          ((images to extractor(script("scalar.pt")) + glyphs) to (1 to "it needs to return [N,D], a vector for each")),
        "features that are not numbers" to
          ((images to extractor(script("nan.pt")) + glyphs) to (1 to "returns numbers that are not finite")),
      )) {
      test("one clear message for $words") {
        val failed = evaluate(*row.first.second.toTypedArray(), of = row.first.first)
        failed.exit shouldBe row.second.first
        failed.err shouldContain row.second.second
        failed.err shouldNotContain "\tat "
      }
    }

    test("options of images need images") {
      val failed = host("evaluate", "--checkpoint", "$run", "--reference", "$images", *fid)
      failed.exit shouldBe 2
      failed.err shouldContain "--reference needs --images FOLDER|ZIP"
      host("evaluate", *fid).err shouldContain "Give --checkpoint DIR, or --images FOLDER|ZIP"
    }

    test("a network whose output is not a number is found out") {
      val failed = host("evaluate", "--checkpoint", "$run", *fid, "--count", "8", "--guidance", "1e38")
      failed.exit shouldBe 1
      failed.err shouldContain "image 0: the network's output is not a number"
      failed.err shouldNotContain "\tat "
    }
  })
