package io.github.diffusionhost.plugins.dit

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.pytorch.engine.PtNDArray
import ai.djl.pytorch.jni.JniUtils
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.api.ops.RotaryTable
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.SampledTensors
import io.github.diffusionhost.engine.support.golden.checkNorm
import io.github.diffusionhost.engine.support.golden.checkValues
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.engine.support.golden.norm
import io.github.diffusionhost.engine.support.golden.shouldBeWithin
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.FloatBuffer
import kotlin.math.sqrt

class DitGoldenSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    golden("packing is as in the fixtures", "dit/config", "dit/io") { golden ->
      val dit = PublishedDit(golden)
      val io = golden.tensors(manager, "dit/io")
      val tokens = io.getValue("latents_clean").toFloatArray()
      val image = io.getValue("latents_unpacked").toFloatArray()
      dit.unpacked(tokens) shouldBe image
      dit.packed(image) shouldBe tokens
    }

    for (variant in VARIANTS) {
      golden("$variant: outputs are the reference's", *NETWORK) { golden ->
        val expected = golden.tensors(manager, "dit/expected")
        val network = GoldenDit(manager, golden, variant)
        for ((tokens, times, output) in
          listOf(
            Triple("latents_noised", "model_t", "output"),
            Triple("infer_latents", "infer_t", "infer_output"),
          )) {
          network.published
            .packed(network.predict(tokens, times, false).toFloatArray())
            .shouldBeWithin(2e-4, expected.getValue("$variant.$output").toFloatArray())
        }
      }

      val gradients = if (variant.endsWith("aligned")) "dit/grads_sampled_$variant" else "dit/grads_$variant"
      golden("$variant: the loss and every gradient are the reference's", *NETWORK, gradients) { golden ->
        val network = GoldenDit(manager, golden, variant)
        var loss = 0.0
        GradientScope().use {
          Engine.getInstance().newGradientCollector().use { collector ->
            val out = network.predict("latents_noised", "model_t", true)
            val mean = out.sub(network.published.unpacked(network.io.getValue("target"))).square().mean()
            collector.backward(mean)
            loss = mean.getFloat().toDouble()
          }
        }
        val expected = golden.tensors(manager, "dit/expected").getValue("$variant.loss").getFloat(0).toDouble()
        loss shouldBe (expected plusOrMinus 1e-4 * expected)
        checkGradients(network.gradients(), golden.sampled(manager, gradients))
      }
    }

    for (embedding in listOf("plutils", "diffusers")) {
      golden("$embedding: embeddings of times and classes are the reference's", "dit/io", "dit/config") { golden ->
        val io = golden.tensors(manager, "dit/io")
        val model = golden.json("dit/config").getAsJsonObject("model")
        fun embed(name: String, size: String): NDArray {
          val values = io.getValue(name)
          return if (embedding == "plutils") Ops.sinusoidalEmbedding(values, model[size].asInt, true, 1.0, 1e4)
          else Ops.sinusoidalEmbedding(values, model[size].asInt, false, 0.0, 1e4)
        }
        embed("model_t", "time_emb_dim").shouldBeWithin(2e-4, io.getValue("time_embedding_$embedding"))
        embed("class_idx", "class_emb_dim").shouldBeWithin(2e-4, io.getValue("class_embedding_$embedding"))
        embed("infer_t", "time_emb_dim").shouldBeWithin(2e-4, io.getValue("infer_time_embedding_$embedding"))
      }
    }

    for (positions in listOf("as_published", "aligned")) {
      golden("$positions: every token has the reference's rotary angles", "dit/io", "dit/config") { golden ->
        val io = golden.tensors(manager, "dit/io")
        val dit = PublishedDit(golden)
        val options = dit.options("plutils_$positions")
        val places = io.getValue("rope_positions_per_token_$positions").toFloatArray().toList().chunked(2)
        val given =
          RotaryTable(
            Array(places.size) { doubleArrayOf(places[it][0].toDouble(), places[it][1].toDouble()) },
            options.headSize(),
            options.theta(),
          )
        val own = RotaryPositions.table(options, dit.patches)
        for (table in listOf(given, own)) {
          table.cos(manager).shouldBeWithin(1e-6, io.getValue("rope_cos_$positions"))
          val sin = table.signedSin(manager).toFloatArray()
          FloatArray(sin.size) { if (it % 2 == 0) -sin[it] else sin[it] }
            .shouldBeWithin(1e-6, io.getValue("rope_sin_$positions").toFloatArray())
        }
      }
    }
  })

/** What a forward pass needs, and what it gives. */
private val NETWORK = arrayOf("dit/config", "dit/weights", "dit/io", "dit/expected")

/** The published network with its weights and inputs. */
private class GoldenDit(private val manager: NDManager, golden: GoldenSet, variant: String) {
  val published = PublishedDit(golden)
  val io = golden.tensors(manager, "dit/io")
  private val network: Denoiser

  init {
    val context = ModelContext(published.image, published.classes, false, SeededNoise(manager, 0))
    network = DitProvider().create(published.options(variant), context)
    network.initialize(manager, DataType.FLOAT32)
    val weights = published.weights(manager)
    val parameters = ParameterNames.of(network)
    parameters.keys shouldBe weights.keys
    weights.forEach { (name, value) -> parameters.getValue(name).array.set(FloatBuffer.wrap(value.toFloatArray())) }
  }

  fun predict(tokens: String, times: String, training: Boolean): NDArray {
    val pass = Forward.of(ParameterStore(manager, false), training, RecordedNoise())
    val at = io.getValue(times).toType(DataType.FLOAT32, false)
    return network.predict(pass, published.unpacked(io.getValue(tokens)), at, io.getValue("class_idx"))
  }

  /** Each parameter's gradient; null where the loss does not depend on it. */
  fun gradients(): Map<String, FloatArray?> =
    ParameterNames.of(network).entries.associate { (name, parameter) ->
      name.removePrefix(PREFIX) to JniUtils.getGradient(parameter.array as PtNDArray)?.toFloatArray()
    }
}

private fun checkGradients(found: Map<String, FloatArray?>, expected: SampledTensors) {
  found.filterValues { it == null }.keys shouldContainExactlyInAnyOrder
    expected.notes().getAsJsonArray("no_gradient").map { it.asString }
  for (name in expected.notes().getAsJsonArray("exactly_zero_gradient").map { it.asString }) {
    withClue(name) { found.getValue(name)!!.all { it == 0f } shouldBe true }
  }
  val global = expected.notes()["grad_global_norm"].asDouble
  sqrt(found.values.filterNotNull().sumOf { it.norm() * it.norm() }) shouldBe (global plusOrMinus 5e-4 * global)
  expected.names() shouldBe found.filterValues { it != null }.keys
  for (name in expected.names()) {
    val gradient = found.getValue(name)!!
    withClue(name) {
      expected.checkValues(name, gradient, 5e-4 * expected.absMax(name) + 1e-7 * global)
      expected.checkNorm(name, gradient, 5e-4 * expected.l2(name) + 1e-7 * global)
    }
  }
}
