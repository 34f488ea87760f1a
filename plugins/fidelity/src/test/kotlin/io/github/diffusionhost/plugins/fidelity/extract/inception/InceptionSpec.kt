package io.github.diffusionhost.plugins.fidelity.extract.inception

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions
import io.github.diffusionhost.plugins.fidelity.extract.Extractors
import io.github.diffusionhost.plugins.fidelity.extract.ScriptRange
import io.github.diffusionhost.plugins.fidelity.extract.feature.BilinearResize
import io.github.diffusionhost.plugins.fidelity.extract.golden
import io.github.diffusionhost.plugins.fidelity.extract.resource
import io.github.diffusionhost.plugins.fidelity.kept.Sha256
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.io.IOException
import kotlin.io.path.writeText

/**
 * The Inception network from a safetensors file against PyTorch's float64 values for the same weights:
 * `inception_golden.py`.
 */
@Tags("Slow")
class InceptionSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val folder = tempdir().toPath()
    val context = TestContext(manager, folder, mapOf())
    val file by lazy { InceptionFormula.write(folder.resolve("inception.safetensors")) }
    val golden by lazy { SafetensorsFile.open(resource("inception-golden.safetensors")).use { it.readAll(manager) } }
    val extractor by lazy { Extractors.open(inception(file), context).extractor() }
    val images by lazy {
      mapOf(
        "small" to InceptionFormula.images("small", 2, 3, 32, 32, manager),
        "oblong" to InceptionFormula.images("oblong", 1, 3, 310, 330, manager),
        "grey" to InceptionFormula.images("grey", 1, 1, 28, 28, manager),
      )
    }
    afterSpec {
      context.close()
      manager.close()
    }

    // Float32, as a share of the largest value: 2e-7 was seen of features, 2e-6 of probabilities, which are exp.
    fun NDArray.shouldBeNear(expected: NDArray) {
      shape shouldBe expected.shape
      val wanted = expected.toType(DataType.FLOAT64, false)
      val error = toType(DataType.FLOAT64, false).sub(wanted).abs().max().getDouble()
      error / wanted.abs().max().getDouble() shouldBeLessThan 1e-5
    }

    for (name in listOf("small", "oblong", "grey")) {
      test("features and probabilities of $name images, resize included") {
        extractor.features(images.getValue(name)).shouldBeNear(golden.getValue("$name.features"))
        extractor.probabilities(images.getValue(name)).shouldBeNear(golden.getValue("$name.probabilities"))
      }
    }

    test("every stage on the way is PyTorch's, by its means over pixels") {
      val layers = InceptionLayers.all()
      val tensors = SafetensorsFile.open(file).use { it.readAll(manager) }
      val kernels = layers.convolutions().toList().associate { it.name() to InceptionTensors.folded(it, tensors) }
      val pixels = images.getValue("small").toType(DataType.FLOAT32, true)
      val seen = BilinearResize.of(pixels, 299, 299).sub(128).div(128)
      for ((count, edge) in listOf(4 to 73L, 7 to 35L, 10 to 35L, 15 to 17L, 17 to 8L, 18 to 8L)) {
        val found = InceptionLayer.Chain(layers.layers().take(count)).apply(seen, kernels)
        found.shape.slice(2) shouldBe Shape(edge, edge)
        val expected = golden.getValue(if (count == 18) "small.features" else "small.after_$count")
        found.reshape(2, found.shape.get(1), -1).mean(intArrayOf(2)).shouldBeNear(expected)
        found.close()
      }
    }

    test("the weights are found by the file's ending, and named in the protocol") {
      extractor.name() shouldBe "inception-2015"
      extractor.distanceName() shouldBe "fid"
      extractor.sha256() shouldBe Sha256.of(file)
      extractor.input() shouldEndWith "bilinear resize to 299x299 as in TensorFlow 1, grey as RGB"
    }

    test("an image has the same features in any batch") {
      val both = images.getValue("small")
      for (i in 0L..1L) {
        extractor.features(both.get("$i:${i + 1}")).shouldBeNear(golden.getValue("small.features").get("$i:${i + 1}"))
      }
    }

    test("counters of batches are passed over") {
      val counted =
        InceptionFormula.write(folder.resolve("counted.safetensors")) { tensors, scope ->
          tensors["Conv2d_1a_3x3.bn.num_batches_tracked"] = scope.create(5L)
        }
      Extractors.open(inception(counted), context).extractor().features(images.getValue("grey")).shape shouldBe
        Shape(1, 2048)
    }

    test("a file of another network is refused with the first names that are missing, unknown or of another shape") {
      val other =
        InceptionFormula.write(folder.resolve("other.safetensors")) { tensors, scope ->
          tensors.keys.removeAll { it.startsWith("Mixed_7c.") }
          tensors["AuxLogits.fc.bias"] = scope.create(FloatArray(1000))
          tensors["fc.weight"] = scope.create(Shape(1000, 2048))
          tensors["fc.bias"] = scope.create(LongArray(1008))
        }
      shouldThrow<IOException> { Extractors.open(inception(other), context) }.message!! shouldBe
        "$other does not hold the Inception network of 2015 under the names of torch-fidelity: it lacks " +
          "Mixed_7c.branch1x1.conv.weight, Mixed_7c.branch1x1.bn.weight, Mixed_7c.branch1x1.bn.bias and 42 more; " +
          "it has the unknown AuxLogits.fc.bias; fc.weight is float32 (1000, 2048) and not (1008, 2048), " +
          "fc.bias is int64 (1008) and not (1008). " +
          "Convert weights-inception-2015-12-05-6726825d.pth as docs/reference/FIDELITY.md says"
    }

    test("a file that is no safetensors file is refused, and a pickle is never opened") {
      val text = folder.resolve("text.safetensors").apply { writeText("weights") }
      shouldThrow<IOException> { Extractors.open(inception(text), context) }.message!! shouldContain
        "has only 7 bytes; this is not a safetensors file"
      val pickle = folder.resolve("weights-inception-2015-12-05-6726825d.pth").apply { writeText("a pickle") }
      shouldThrow<IOException> { Extractors.open(inception(pickle), context) }.message!! shouldContain
        "is a pickle, which could run any code, and is not opened"
    }
  })

private fun inception(file: java.nio.file.Path) =
  ExtractorOptions("inception-2015", file, ScriptRange.BYTES, null, false)
