package io.github.diffusionhost.plugins.fidelity.extract

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.plugins.fidelity.Pictures
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.github.diffusionhost.plugins.fidelity.extract.feature.BilinearResize
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionExtractor
import io.github.diffusionhost.plugins.fidelity.kept.Sha256
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.writeText

private fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) {
  shape shouldBe expected.shape
  val values = expected.toType(DataType.FLOAT64, false).toDoubleArray()
  toType(DataType.FLOAT64, false).toDoubleArray().forEachIndexed { i, it ->
    it shouldBe (values[i] plusOrMinus tolerance)
  }
}

/** Networks in files, and what images become before they see them. */
class ExtractorsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val folder = tempdir().toPath()
    val context = TestContext(manager, folder, mapOf())
    val golden = golden(manager)
    val images = golden.getValue("images")
    afterSpec {
      context.close()
      manager.close()
    }

    fun script(name: String, resize: Int? = null, rgb: Boolean = false, range: ScriptRange = ScriptRange.BYTES) =
      ScriptExtractor(resource(name), range, resize, rgb, context)

    fun inception(file: Path) = InceptionExtractor(file, Sha256.of(file), context)

    test("features and probabilities of the Inception file are asked for as it defines them") {
      inception(resource("inception.pt")).use { extractor ->
        extractor.features(images).shouldBeWithin(1e-6, golden.getValue("features"))
        extractor.probabilities(images).shouldBeWithin(1e-6, golden.getValue("probabilities"))
        extractor.distanceName() shouldBe "fid"
        extractor.sha256() shouldMatch "[0-9a-f]{64}"
      }
    }

    test("the Inception file sees grey images as RGB, and no other channels") {
      inception(resource("inception.pt")).use { extractor ->
        val grey = images.get(":,1:2")
        extractor.features(grey).shouldBeWithin(0.0, extractor.features(grey.concat(grey, 1).concat(grey, 1)))
        shouldThrow<IllegalArgumentException> { extractor.features(images.get(":,0:2")) }.message!! shouldContain
          "the extractor inception-2015 takes grey images and RGB, and these have 2 channels"
      }
    }

    for ((height, width) in listOf(13 to 9, 5 to 6)) {
      test("the resize to ${height}x$width is TensorFlow 1's") {
        val pixels = images.toType(DataType.FLOAT32, true)
        BilinearResize.of(pixels, height, width).shouldBeWithin(2e-4, golden.getValue("resized_${height}x$width"))
      }
    }

    test("the resize to 299x299 is TensorFlow 1's") {
      val found = BilinearResize.of(images.toType(DataType.FLOAT32, true), 299, 299)
      found.get(":,:,150").shouldBeWithin(2e-4, golden.getValue("resized_299x299_row_150"))
    }

    test("another network than the published one is refused by its checksum") {
      shouldThrow<IOException> { InceptionExtractor(resource("plain.pt"), InceptionExtractor.PUBLISHED, context) }
        .message!! shouldMatch
        ".*plain.pt is not the published network: its SHA-256 is .* Get https://nvlabs.*torchscript:FILE"
    }

    test("a missing file of the published network is named, with where to get it") {
      shouldThrow<IOException> { InceptionExtractor(folder.resolve("no.pt"), "", context) }.message!! shouldMatch
        ".*no.pt is not there: it should be the TorchScript file that https://nvlabs.*inception-2015-12-05.pt gives, or torch-fidelity.s weights as .safetensors"
    }

    test("a pickle is never opened") {
      val pickle = folder.resolve("inception-v3-2015-12-05.pkl").apply { writeText("a pickle") }
      shouldThrow<IOException> { InceptionExtractor(pickle, InceptionExtractor.PUBLISHED, context) }
        .message!! shouldContain "is a pickle, which could run any code, and is not opened: get https://nvlabs"
    }

    test("without the file and a network, the host's message says what to put where") {
      shouldThrow<IOException> { InceptionExtractor(null, InceptionExtractor.PUBLISHED, context) }.message!! shouldMatch
        "no network: put https://nvlabs.*inception-2015-12-05.pt at .*fidelity/inception-2015-12-05.pt"
    }

    test("anybody's network sees the pixels that it wants") {
      val grey = Pictures(ImageShape(1, 2, 2), listOf(byteArrayOf(0, 51, 102, -1))).array(manager)
      for ((range, expected) in
        listOf(
          ScriptRange.BYTES to floatArrayOf(102f, 255f, 0f),
          ScriptRange.UNIT to floatArrayOf(0.4f, 1f, 0f),
          ScriptRange.SIGNED to floatArrayOf(-0.2f, 1f, -1f),
        )) {
        script("plain.pt", range = range).use { extractor ->
          extractor.features(grey).toFloatArray().forEachIndexed { i, it ->
            it.toDouble() shouldBe (expected[i].toDouble() plusOrMinus 1e-5)
          }
          extractor.distanceName() shouldBe "fd-plain"
        }
      }
    }

    test("anybody's network sees images resized and with three channels if that is asked for") {
      val grey = images.get(":,0:1")
      script("rgb.pt", resize = 13, rgb = true).use { extractor ->
        extractor.features(grey).shape.shape.toList() shouldBe listOf(3L, 4L)
        extractor.input() shouldBe "pixels 0 to 255, bilinear resize to 13x13 as in TensorFlow 1, grey as RGB"
      }
      script("rgb.pt").use { extractor ->
        shouldThrow<IllegalStateException> { extractor.features(grey) }.message!! shouldContain
          "rgb.pt cannot be called with images (3, 1, 8, 8)"
      }
    }

    listOf(
        "scalar.pt" to "the extractor scalar returns () for images (3, 3, 8, 8): it needs to return [N,D]",
        "two.pt" to "returns something other than one tensor",
        "nan.pt" to "the extractor nan returns numbers that are not finite",
      )
      .forEach { (name, message) ->
        test("$name: $message") {
          script(name).use { extractor ->
            shouldThrow<IllegalStateException> { extractor.features(images) }.message!! shouldContain message
          }
        }
      }

    test("files that are no TorchScript are refused") {
      val text = folder.resolve("text.pt").apply { writeText("not a zip") }
      shouldThrow<IOException> { ScriptExtractor(text, ScriptRange.UNIT, null, false, context) }.message!! shouldContain
        "text.pt is no TorchScript file: save the network with torch.jit.save"
      shouldThrow<IOException> { script("weights.pt") }.message!! shouldContain
        "weights.pt holds no code: save the network with torch.jit.save, not torch.save"
      shouldThrow<IOException> { ScriptExtractor(folder.resolve("no.pt"), ScriptRange.UNIT, null, false, context) }
        .message!! shouldContain "no.pt: there is no such file"
    }

    test("a classless network gives no probabilities") {
      script("plain.pt").use { extractor ->
        shouldThrow<IllegalArgumentException> { extractor.probabilities(images) }.message!! shouldContain
          "the extractor plain gives no probabilities of classes: use inception-2015 or classifier"
      }
    }

    test("an unknown extractor is refused with those there are") {
      shouldThrow<IllegalArgumentException> { ExtractorOptions("inception", null, ScriptRange.BYTES, null, false) }
        .message!! shouldContain "there is no extractor 'inception': use inception-2015, classifier or torchscript:FILE"
    }

    test("metrics of one evaluation share an extractor, and its features of a batch") {
      val options = ExtractorOptions("torchscript:${resource("plain.pt")}", null, ScriptRange.BYTES, null, false)
      val first = Extractors.open(options, context)
      Extractors.open(options, context) shouldBeSameInstanceAs first
      val features = first.features(images)
      first.features(images) shouldBeSameInstanceAs features
      val other = images.get("0:2")
      first.features(other).shape.get(0) shouldBe 2
    }
  })
