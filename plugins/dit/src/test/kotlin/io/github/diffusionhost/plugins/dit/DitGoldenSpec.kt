package io.github.diffusionhost.plugins.dit

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.pytorch.engine.PtNDArray
import ai.djl.pytorch.jni.JniUtils
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.api.ops.RotaryTable
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.engine.support.golden.shouldBeWithin
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.FloatBuffer
import kotlin.math.abs
import kotlin.math.sqrt

private const val SIDE = 12
private const val PATCH = 2
private const val TOKENS = 36
private const val PREFIX = "transformer_model."

/** Where value [v] of token [t] of image [n] lies in an image batch: channel slowest, one channel. */
private fun pixel(n: Int, t: Int, v: Int): Int {
  val row = t / (SIDE / PATCH) * PATCH + v / PATCH
  val column = t % (SIDE / PATCH) * PATCH + v % PATCH
  return (n * SIDE + row) * SIDE + column
}

/** Images [N,1,12,12] as tokens [N,36,4]. */
private fun packed(images: FloatArray) =
  FloatArray(images.size) { images[pixel(it / (TOKENS * 4), it / 4 % TOKENS, it % 4)] }

/** Tokens [N,36,4] as images [N,1,12,12]. */
private fun unpacked(tokens: FloatArray): FloatArray {
  val images = FloatArray(tokens.size)
  tokens.forEachIndexed { i, value -> images[pixel(i / (TOKENS * 4), i / 4 % TOKENS, i % 4)] = value }
  return images
}

/** One of the two embeddings of the fixtures with one of the two orders of positions. */
private class Variant(embedding: String, positions: String) {
  val name = "${embedding}_${positions.replace('-', '_')}"
  val options: DitOptions =
    OptionsSpec.of(DitProvider().defaults())
      .create(
        mapOf(
          "patch" to PATCH,
          "width" to 64,
          "layers" to 2,
          "heads" to 4,
          "headSize" to 16,
          "timeSize" to 32,
          "classSize" to 32,
          "positions" to positions,
          "timeEmbedding" to if (embedding == "plutils") "published" else embedding,
        )
      )
}

private val variants =
  listOf("plutils", "diffusers").flatMap { e -> listOf("as-published", "aligned").map { Variant(e, it) } }

class DitGoldenSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun published(variant: Variant): Denoiser {
      val context = ModelContext(ImageShape(1, SIDE, SIDE), 12, false, SeededNoise(manager, 0))
      val network = DitProvider().create(variant.options, context)
      network.initialize(manager, DataType.FLOAT32)
      val weights = Golden.tensors(manager, "dit/weights")
      val parameters = ParameterNames.of(network)
      parameters.keys shouldBe weights.keys.map { PREFIX + it }.toSet()
      weights.forEach { (name, value) ->
        parameters.getValue(PREFIX + name).array.set(FloatBuffer.wrap(value.toFloatArray()))
      }
      return network
    }

    fun images(tokens: NDArray) =
      manager.create(unpacked(tokens.toFloatArray()), Shape(3, 1, SIDE.toLong(), SIDE.toLong()))

    fun predict(network: Denoiser, tokens: NDArray, times: NDArray, classes: NDArray, training: Boolean): NDArray {
      val pass = Forward.of(ParameterStore(manager, false), training, RecordedNoise())
      return network.predict(pass, images(tokens), times.toType(DataType.FLOAT32, false), classes)
    }

    test("packing is as in the fixtures").config(enabledOrReasonIf = { Golden.installed }) {
      val io = Golden.tensors(manager, "dit/io")
      val tokens = io.getValue("latents_clean").toFloatArray()
      val image = io.getValue("latents_unpacked").toFloatArray()
      unpacked(tokens) shouldBe image
      packed(image) shouldBe tokens
    }

    for (variant in variants) {
      test("${variant.name}: outputs are the reference's").config(enabledOrReasonIf = { Golden.installed }) {
        val io = Golden.tensors(manager, "dit/io")
        val expected = Golden.tensors(manager, "dit/expected")
        val network = published(variant)
        val classes = io.getValue("class_idx")
        val trained = predict(network, io.getValue("latents_noised"), io.getValue("model_t"), classes, false)
        packed(trained.toFloatArray()).shouldBeWithin(2e-4, expected.getValue("${variant.name}.output").toFloatArray())
        val sampled = predict(network, io.getValue("infer_latents"), io.getValue("infer_t"), classes, false)
        packed(sampled.toFloatArray())
          .shouldBeWithin(2e-4, expected.getValue("${variant.name}.infer_output").toFloatArray())
      }

      test("${variant.name}: the loss and every gradient are the reference's").config(
        enabledOrReasonIf = { Golden.installed }
      ) {
        val io = Golden.tensors(manager, "dit/io")
        val network = published(variant)
        var loss = 0.0
        GradientScope().use {
          Engine.getInstance().newGradientCollector().use { collector ->
            val out =
              predict(network, io.getValue("latents_noised"), io.getValue("model_t"), io.getValue("class_idx"), true)
            val mean = out.sub(images(io.getValue("target"))).square().mean()
            collector.backward(mean)
            loss = mean.getFloat().toDouble()
          }
        }
        val expected = Golden.tensors(manager, "dit/expected").getValue("${variant.name}.loss").getFloat(0).toDouble()
        loss shouldBe (expected plusOrMinus 1e-4 * expected)
        if (variant.name.endsWith("aligned")) checkSampled(manager, variant.name, network)
        else checkFull(manager, variant.name, network)
      }
    }

    for (embedding in listOf("plutils", "diffusers")) {
      test("$embedding: embeddings of times and classes are the reference's").config(
        enabledOrReasonIf = { Golden.installed }
      ) {
        val io = Golden.tensors(manager, "dit/io")
        fun embed(name: String) =
          if (embedding == "plutils") Ops.sinusoidalEmbedding(io.getValue(name), 32, true, 1.0, 1e4)
          else Ops.sinusoidalEmbedding(io.getValue(name), 32, false, 0.0, 1e4)
        embed("model_t").shouldBeWithin(2e-4, io.getValue("time_embedding_$embedding"))
        embed("class_idx").shouldBeWithin(2e-4, io.getValue("class_embedding_$embedding"))
        embed("infer_t").shouldBeWithin(2e-4, io.getValue("infer_time_embedding_$embedding"))
      }
    }

    for (variant in variants.take(2)) {
      val positions = variant.name.removePrefix("plutils_")
      test("$positions: every token has the reference's rotary angles").config(
        enabledOrReasonIf = { Golden.installed }
      ) {
        val io = Golden.tensors(manager, "dit/io")
        val places = io.getValue("rope_positions_per_token_$positions").toFloatArray().toList().chunked(2)
        val given =
          RotaryTable(Array(37) { doubleArrayOf(places[it][0].toDouble(), places[it][1].toDouble()) }, 16, 100.0)
        val own = RotaryPositions.table(variant.options, Patches(ImageShape(1, SIDE, SIDE), PATCH))
        for (table in listOf(given, own)) {
          table.cos(manager).shouldBeWithin(1e-6, io.getValue("rope_cos_$positions"))
          val sin = table.signedSin(manager).toFloatArray()
          FloatArray(sin.size) { if (it % 2 == 0) -sin[it] else sin[it] }
            .shouldBeWithin(1e-6, io.getValue("rope_sin_$positions").toFloatArray())
        }
      }
    }
  })

/** Each parameter's gradient; null where the loss does not depend on it. */
private fun gradients(network: Denoiser): Map<String, FloatArray?> =
  ParameterNames.of(network).entries.associate { (name, parameter) ->
    name.removePrefix(PREFIX) to JniUtils.getGradient(parameter.array as PtNDArray)?.toFloatArray()
  }

private fun norm(values: FloatArray) = sqrt(values.sumOf { it.toDouble() * it })

private fun checkFull(manager: NDManager, variant: String, network: Denoiser) {
  val notes = Golden.json("dit/grads_$variant")
  val expected = Golden.tensors(manager, "dit/grads_$variant")
  val found = gradients(network)
  found.filterValues { it == null }.keys shouldContainExactlyInAnyOrder
    notes.getAsJsonArray("no_gradient").map { it.asString }
  for (name in notes.getAsJsonArray("exactly_zero_gradient").map { it.asString }) {
    withClue(name) { found.getValue(name)!!.all { it == 0f } shouldBe true }
  }
  val global = notes["grad_global_norm"].asDouble
  sqrt(found.values.filterNotNull().sumOf { norm(it) * norm(it) }) shouldBe (global plusOrMinus 5e-4 * global)
  for ((name, gradient) in found.filterValues { it != null }) {
    val golden = expected.getValue(name).toFloatArray()
    val tolerance = 5e-4 * golden.maxOf { abs(it) } + 1e-7 * global
    withClue(name) { gradient!!.shouldBeWithin(tolerance, golden) }
  }
}

private fun checkSampled(manager: NDManager, variant: String, network: Denoiser) {
  val notes = Golden.json("dit/grads_sampled_$variant")
  val expected = Golden.tensors(manager, "dit/grads_sampled_$variant")
  val entries = notes.getAsJsonArray("tensors").map { it.asJsonObject }
  val global = sqrt(entries.sumOf { it["l2"].asDouble * it["l2"].asDouble })
  val found = gradients(network)
  for (entry in entries) {
    val name = entry["name"].asString
    val gradient = found.getValue(name) ?: FloatArray(entry["numel"].asInt)
    val sampled =
      gradient.size.let { n ->
        if (n <= 601) gradient else FloatArray(601) { gradient[(it.toLong() * n / 601).toInt()] }
      }
    val tolerance = 5e-4 * entry["absmax"].asDouble + 1e-7 * global
    withClue(name) {
      sampled.shouldBeWithin(tolerance, expected.getValue(name).toFloatArray())
      norm(gradient) shouldBe (entry["l2"].asDouble plusOrMinus 5e-4 * entry["l2"].asDouble + 1e-7 * global)
    }
  }
}
