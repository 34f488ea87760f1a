package io.github.diffusionhost.plugins.edm2.network

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.NoiseCondition
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.InPlace
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.sample.FeatureExtractor
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.check
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.engine.support.golden.shouldBeWithin
import io.github.diffusionhost.plugins.edm2.process.options
import io.github.diffusionhost.plugins.edm2.process.scheduler
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.ln

/** Outputs, features and forced normalisation of the networks of `edm2`. */
class Edm2GoldenSpec :
  FunSpec({
    for (letter in providers.keys) {
      golden("$letter: outputs are the reference's", *network(letter)) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenNetwork(manager, set, letter)
          golden.predict(false).shouldBeWithin(5e-5, golden.io.getValue("output_eval"))
          golden.renormalize()
          golden.predict(true).shouldBeWithin(5e-5, golden.io.getValue("output_train"))
        }
      }

      golden("$letter: pooled features are the reference's", *network(letter)) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenNetwork(manager, set, letter)
          val names = golden.io.keys.filter { it.startsWith("feature.") }.map { it.removePrefix("feature.") }
          golden.denoiser.featureNames() shouldBe names.sortedBy { it.removePrefix("out_").toInt() }
          val found = golden.features(names)
          for (name in names) {
            withClue(name) { found.getValue(name).shouldBeWithin(5e-5, golden.io.getValue("feature.$name")) }
          }
          val one = golden.features(names.take(1))
          one.keys shouldBe setOf(names.first())
          shouldThrow<IllegalArgumentException> { golden.features(listOf("out_99")) }.message!! shouldContain
            "no feature is named out_99"
        }
      }
    }

    for (letter in providers.keys) {
      golden("$letter: so are those of a linear probe at noise step 4 of 18, compiled", *network(letter)) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenNetwork(manager, set, letter)
          val process = scheduler(options("uncertainty" to "none"), RecordedNoise())
          val spec = ImageSpec(goldenShape(set, letter), 0, PixelNormalization.SIGNED)
          Network.initialize(golden.denoiser, process, spec.shape, false, manager).use { network ->
            val names = golden.denoiser.featureNames()
            FeatureExtractor(network, spec, false, names, Execution.COMPILED).use { features ->
              features.use(network.weights(), RecordedNoise())
              val images = golden.io.getValue("feature_images").mul(2).sub(1)
              val level = process.samplingLevels(18)[18 - 4]
              val found = features.of(images, golden.io.getValue("feature_noise"), level)
              for (name in names) {
                withClue(name) { found.getValue(name).shouldBeWithin(5e-5, golden.io.getValue("feature.$name")) }
              }
            }
          }
        }
      }
    }

    for (letter in listOf("e", "g")) {
      val after = "edm2/unet_$letter/weights_after_forward"
      val files = network(letter) + arrayOf("${after}_sampled", "${after}_full_subset")
      golden("$letter: weights before a training step take the reference's values", *files) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenNetwork(manager, set, letter)
          val before = golden.weights().mapValues { it.value.toFloatArray() }
          golden.renormalize()
          val sampled = set.sampled(manager, "${after}_sampled")
          val full = set.tensors(manager, "${after}_full_subset")
          for ((name, array) in golden.weights()) {
            withClue(name) {
              val found = array.toFloatArray()
              if ("nn_model.$name" in sampled.names()) sampled.check("nn_model.$name", found, 1e-5, 1e-5)
              else found.toList() shouldBe before.getValue(name).toList()
              full["nn_model.$name"]?.let { found.shouldBeWithin(1e-5, it.toFloatArray()) }
            }
          }
        }
      }
    }

    golden("c: no weight changes before a step", *network("c")) { set ->
      NDManager.newBaseManager().use { manager ->
        val golden = GoldenNetwork(manager, set, "c")
        golden.denoiser.renormalized(golden.pass(true)) shouldBe mapOf()
      }
    }

    test("a timestep is converted to ln(sigma)/4") {
      NDManager.newBaseManager().use { manager ->
        fun network(condition: NoiseCondition): Denoiser {
          val context = ModelContext(ImageShape(1, 8, 8), 0, false, condition, SeededNoise(manager, 1))
          val options = Edm2Options(listOf(32), listOf(), 2, 0, 0.0, false)
          return Edm2EProvider().create(options, context).also { it.initialize(manager, DataType.FLOAT32) }
        }
        val pass = Forward.of(ParameterStore(manager, false), false, RecordedNoise())
        val x = SeededNoise(manager, 2).normal(Shape(2, 1, 8, 8))
        val byTime = network(NoiseCondition.TIMESTEP).predict(pass, x, manager.create(floatArrayOf(250f, 600f)), null)
        val bySigma = network(NoiseCondition.LOG_SIGMA).predict(pass, x, manager.create(floatArrayOf(-1f, 0.4f)), null)
        byTime.shouldBeWithin(1e-5, bySigma)
      }
    }
  })

/** A network of the fixtures with its weights, inputs and expected results. */
internal class GoldenNetwork(private val manager: NDManager, set: GoldenSet, letter: String) {
  val io = set.tensors(manager, "edm2/unet_$letter/io")
  val denoiser: Denoiser

  init {
    val options = goldenOptions(set, letter)
    val context = ModelContext(goldenShape(set, letter), 0, false, NoiseCondition.LOG_SIGMA, SeededNoise(manager, 0))
    denoiser = providers.getValue(letter).create(options, context)
    denoiser.initialize(manager, DataType.FLOAT32)
    val weights = set.tensors(manager, "edm2/unet_$letter/weights")
    for ((name, array) in weights()) InPlace.copy(weights.getValue("nn_model.$name"), array)
  }

  fun weights(): Map<String, NDArray> = ParameterNames.of(denoiser).mapValues { it.value.array }

  fun pass(training: Boolean): Forward = Forward.of(ParameterStore(manager, false), training, RecordedNoise())

  fun predict(training: Boolean): NDArray =
    denoiser.predict(pass(training), io.getValue("x"), io.getValue("c_noise"), null)

  fun renormalize() = denoiser.renormalized(pass(true)).forEach { (p, value) -> InPlace.copy(value, p.array) }

  fun features(names: List<String>): Map<String, NDArray> {
    val sigma = io.getValue("feature_sigma").getDouble(0)
    val images = io.getValue("feature_images").mul(2).sub(1)
    val x = images.add(io.getValue("feature_noise").mul(sigma)).div(kotlin.math.sqrt(sigma * sigma + 0.25))
    val n = images.shape[0].toInt()
    return denoiser.features(pass(false), x, manager.create(FloatArray(n) { (ln(sigma) / 4).toFloat() }), null, names)
  }
}

/** The files of a network with its inputs and outputs. */
internal fun network(letter: String): Array<String> =
  listOf("config", "weights", "io").map { "edm2/unet_$letter/$it" }.toTypedArray()

private fun goldenConfig(set: GoldenSet, letter: String) =
  set.json("edm2/unet_$letter/config").getAsJsonObject("network")

internal fun goldenShape(set: GoldenSet, letter: String): ImageShape {
  val (channels, height, width) = goldenConfig(set, letter).getAsJsonArray("image_shape").map { it.asInt }
  return ImageShape(channels, height, width)
}

/** The options that the `config.json` of a fixture stands for. */
internal fun goldenOptions(set: GoldenSet, letter: String): Edm2Options {
  val network = goldenConfig(set, letter)
  val width = network["n_channels"].asInt
  val attention = network.getAsJsonArray("is_attn").map { it.asBoolean }
  return Edm2Options(
    network.getAsJsonArray("ch_mults").map { it.asInt * width },
    attention.indices.filter { attention[it] },
    network["n_blocks"].asInt,
    network["attn_channels_per_head"].let { if (it.isJsonNull) 0 else it.asInt },
    network["dropout"].asDouble,
    false,
  )
}
