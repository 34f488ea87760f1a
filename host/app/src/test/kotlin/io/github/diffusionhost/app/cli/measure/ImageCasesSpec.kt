package io.github.diffusionhost.app.cli.measure

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.SHARED
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.exists
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private const val RUN =
  """
name: case
model: { use: dit, patch: 4, width: 16, layers: 1, heads: 1, headSize: 16, timeSize: 16, classSize: 16 }
scheduler: { use: flowmatch }
dataset: { use: image-folder }
train: { steps: 1, batchSize: 4, compile: false, sampleEvery: 0 }
sample: { steps: 1, count: 1 }
"""

/** Files that people really have, through the doors by which they bring them; `cases` lies beside the checkout. */
@Tags("Process")
class ImageCasesSpec :
  FunSpec({
    val cases = SHARED.resolve("cases")
    val present: EnabledOrReasonIf = {
      if (cases.resolve("png").exists()) Enabled.enabled
      else Enabled.disabled("there are no cases beside the checkout; DIFFUSIONHOST_SHARED names another 'shared'")
    }
    val folder = tempdir().toPath()

    fun host(vararg arguments: String): Finished =
      inProcess(*arguments, environment = mapOf("DIFFUSIONHOST_DATA" to "${folder.resolve("data")}"))

    /** The median distance of images to the nearest ones of a reference. */
    fun median(images: String, reference: String): Double {
      val paths = arrayOf("--images", "${cases.resolve(images)}", "--reference", "${cases.resolve(reference)}")
      val metric = arrayOf("--metrics", "novelty", "--set", "metrics.novelty.compareTest=false", "--json")
      val ended = host("evaluate", *paths, *metric)
      (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
      val found = Json.parseToJsonElement(ended.out).jsonObject.getValue("metrics").jsonArray[0].jsonObject
      return found.getValue("values").jsonObject.getValue("median").jsonPrimitive.double
    }

    var runs = 0

    fun train(dataset: String): Finished {
      val config = folder.resolve("case.yaml").also { it.writeText(RUN.replace("use: image-folder", dataset)) }
      return host("run", "--config", "$config", "--run-dir", "${folder.resolve("run-${runs++}")}")
    }

    fun trainOn(case: String): Finished = train("use: image-folder, path: ${cases.resolve(case)}")

    test("ordinary JPEGs have the distance to their PNGs that they always had").config(enabledOrReasonIf = present) {
      median("jfif444", "png") shouldBe (0.0080510 plusOrMinus 5e-8)
    }

    for (name in listOf("ids012_444", "jfif_adobe0")) {
      test("$name has the colours that libjpeg-turbo gives it").config(enabledOrReasonIf = present) {
        median(name, "${name}_pil") shouldBe 0.0
      }
    }

    for ((case, says) in
      mapOf(
        "edm.zip" to "16 images 3x32x32 in 4 classes",
        "edm-one.zip" to "16 images 3x32x32 in 4 classes",
        "dotslash.zip" to "16 images 3x32x32 in 2 classes",
        "gbk.zip" to "8 images 3x32x32 in 8 classes",
        "kaggle-case.zip" to "12 images 3x32x32 in 3 classes",
        "kaggle-ing.zip" to "12 images 3x32x32 in 3 classes",
        "ids012_444" to "4 images",
      )) {
      test("a run on $case has $says").config(enabledOrReasonIf = present) {
        val ended = trainOn(case)
        (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
        ended.out + ended.err shouldContain says
      }
    }

    test("a name twice in a zip is refused").config(enabledOrReasonIf = present) {
      val ended = trainOn("duplicate.zip")
      ended.exit shouldBe 1
      ended.err shouldContain "holds 'a/0.png' twice"
    }

    test("digits under other names are read, letters are no digits").config(enabledOrReasonIf = present) {
      val mnist = cases.resolve("mnist")
      for (read in listOf("dots", "tv")) {
        val ended = train("use: mnist, folder: ${mnist.resolve(read)}")
        (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
      }
      for (letters in listOf("letters", "emnist")) {
        val ended = train("use: mnist, folder: ${mnist.resolve(letters)}")
        ended.exit shouldBe 1
        ended.err shouldContain "labels 1 to 26 are no digits"
        ended.err shouldNotContain "again"
      }
    }
  })
