package io.github.diffusionhost.engine.sample

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe

private const val CLASSES = 3

/** Its input, its hidden layer and its labels are features. */
private open class OpenDenoiser(noise: Noise) : TinyDenoiser(noise) {
  override fun featureNames() = listOf("input", "condition", "hidden", "labels")

  override fun features(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?, names: List<String>) =
    names.associateWith { name ->
      when (name) {
        "input" -> x.reshape(-1, 16).mul(1)
        "condition" -> noiseCondition.reshape(-1, 1).mul(1)
        "hidden" -> x.reshape(-1, 16).matMul(pass.value(hidden, x)).tanh()
        else -> labels?.oneHot(CLASSES + 1) ?: x.reshape(-1, 16).mul(0).abs()
      }
    }
}

private class DrawingFeatures(noise: Noise) : OpenDenoiser(noise) {
  override fun features(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?, names: List<String>) =
    super.features(pass, x, noiseCondition, labels, names).mapValues {
      it.value.add(pass.noise().normal(it.value.shape))
    }
}

class FeatureExtractorSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager())
    val images = HostNoise.single(manager, StagingBuffer(), 3).normal(TINY_SHAPE.batch(4))
    val eps = HostNoise.single(manager, StagingBuffer(), 4).normal(TINY_SHAPE.batch(4))

    fun extractor(
      network: Network,
      vararg names: String,
      compile: Boolean = true,
      unlabelled: Boolean = true,
      classes: Int = CLASSES,
      precision: Precision = Precision.FP32,
    ): FeatureExtractor {
      val spec = ImageSpec(TINY_SHAPE, classes, PixelNormalization.SIGNED)
      return FeatureExtractor(network, spec, unlabelled, names.toList(), Execution(precision, compile)).also {
        it.use(network.weights(), HostNoise.single(manager, StagingBuffer(), 9))
      }
    }

    fun values(array: NDArray) = array.toFloatArray().toList()

    for (compile in listOf(true, false)) {
      val how = if (compile) "compiled" else "operation by operation"

      test("$how, the network is given images of the level and told the level") {
        val features =
          extractor(tinyNetwork(manager, denoiser = ::OpenDenoiser), "condition", "input", compile = compile)
        val found = features.of(images, eps, 0.3)
        found.keys.toList() shouldBe listOf("condition", "input")
        // TinyScheduler goes straight from image to noise.
        val expected = images.toFloatArray().zip(eps.toFloatArray()) { x, e -> 0.7f * x + 0.3f * e }
        values(found.getValue("input")).zip(expected).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-6f) }
        values(found.getValue("condition")).forEach { it shouldBe (0.3f plusOrMinus 1e-7f) }
        found.getValue("condition").shape shouldBe Shape(4, 1)
      }

      test("$how, the network is given no label: the value for none, or the same one for all") {
        val network = tinyNetwork(manager, denoiser = ::OpenDenoiser)
        fun label(unlabelled: Boolean) =
          extractor(network, "labels", compile = compile, unlabelled = unlabelled).let {
            it.label() to it.of(images, eps, 0.5).getValue("labels").argMax(1).toLongArray().toSet()
          }
        label(true) shouldBe ("none (value 3)" to setOf(3L))
        label(false) shouldBe ("0 for every image" to setOf(0L))
        val without = extractor(network, "labels", compile = compile, classes = 0)
        without.label() shouldBe "none"
        values(without.of(images, eps, 0.5).getValue("labels")).toSet() shouldBe setOf(0f)
      }
    }

    test("compiled features are those operation by operation, after the weights have changed, too") {
      val network = tinyNetwork(manager, denoiser = ::OpenDenoiser)
      val both = listOf(false, true).map { extractor(network, "hidden", "input", compile = it) }
      repeat(2) {
        both.forEach { it.use(network.weights(), HostNoise.single(manager, StagingBuffer(), 9)) }
        val (eager, compiled) = both.map { values(it.of(images, eps, 0.5).getValue("hidden")) }
        compiled.zip(eager).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-6f) }
        network.weights().values().values.forEach { it.muli(1.5f) }
      }
    }

    test("in bfloat16, features are float32 and near") {
      val network = tinyNetwork(manager, denoiser = ::OpenDenoiser)
      val exact = values(extractor(network, "hidden").of(images, eps, 0.5).getValue("hidden"))
      val rough =
        values(extractor(network, "hidden", precision = Precision.BF16).of(images, eps, 0.5).getValue("hidden"))
      // Products of 16 terms with inputs of 8 binary digits; tanh does not enlarge their error.
      rough.zip(exact).forEach { (a, b) -> a shouldBe (b plusOrMinus 0.05f) }
      (rough == exact) shouldBe false
    }

    test("a network that draws noise on the way runs operation by operation") {
      val network = tinyNetwork(manager, denoiser = ::DrawingFeatures)
      val (eager, compiled) =
        listOf(false, true).map {
          values(extractor(network, "hidden", compile = it).of(images, eps, 0.5).getValue("hidden"))
        }
      compiled shouldBe eager
    }

    for ((words, row) in
      mapOf(
        "unknown names" to
          (listOf("hidden", "out_6", "out_7") to
            "the network has no feature named out_6, out_7: it has input, condition, hidden, labels"),
        "no names" to (listOf<String>() to "no feature is named"),
      )) {
      test("refused: $words") {
        shouldThrow<IllegalArgumentException> {
            extractor(tinyNetwork(manager, denoiser = ::OpenDenoiser), *row.first.toTypedArray())
          }
          .message shouldBe row.second
      }
    }

    test("refused: a network without features") {
      shouldThrow<IllegalArgumentException> { extractor(tinyNetwork(manager), "hidden") }.message shouldBe
        "the network has no features by name"
    }
  })
