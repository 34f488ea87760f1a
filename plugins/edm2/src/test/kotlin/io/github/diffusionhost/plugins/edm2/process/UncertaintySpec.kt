package io.github.diffusionhost.plugins.edm2.process

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.network.InPlace
import io.github.diffusionhost.engine.support.golden.checkValues
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.pow
import kotlin.math.sqrt

class UncertaintySpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun pass(training: Boolean, vararg draws: NDArray) =
      Forward.of(ParameterStore(manager, false), training, RecordedNoise(*draws))

    fun initialized(form: String): Scheduler =
      scheduler(options("uncertainty" to form), SeededNoise(manager, 5)).apply {
        trainable()!!.initialize(manager, DataType.FLOAT32)
      }

    fun parameters(process: Scheduler) = ParameterNames.of(process.trainable()!!)

    /** With the weights of the reference. */
    fun reference(form: String, weights: Map<String, NDArray>): Scheduler {
      val process = initialized(form)
      parameters(process).forEach { (name, parameter) ->
        InPlace.copy(weights.getValue("reweight_mlp.$name"), parameter.array)
      }
      return process
    }

    fun renormalize(process: Scheduler) {
      process.renormalized(pass(true)).forEach { (parameter, value) -> InPlace.copy(value, parameter.array) }
    }

    for ((form, folder) in listOf("plain" to "unet_c", "normalized" to "unet_e", "magnitude-preserving" to "unet_g")) {
      val files = listOf("weights", "io", "grads_sampled").map { "edm2/$folder/$it" }
      golden("$form: u, the loss and the gradient of u's weights are the recorded ones", *files.toTypedArray()) { golden
        ->
        val io = golden.tensors(manager, "edm2/$folder/io")
        val process = reference(form, golden.tensors(manager, "edm2/$folder/weights"))
        renormalize(process)

        val sigma = io.getValue("sigma").reshape(-1)
        process.curves(pass(false), sigma).getValue("u").shouldBeWithin(1e-5, io.getValue("u"))

        // The output of the network that the recorded denoised images follow from.
        val s = io.getValue("sigma")
        val r = s.square().add(0.25).sqrt()
        val skipped = io.getValue("x_noised").mul(s.square().add(0.25).pow(-1).mul(0.25))
        val output = io.getValue("denoised").sub(skipped).div(s.mul(0.5).div(r))
        val network = DenoisingNetwork { seen, condition ->
          seen.shouldBeWithin(5e-5, io.getValue("x_noised").div(r))
          condition.shouldBeWithin(1e-6, sigma.log().div(4))
          output
        }
        val images = io.getValue("images").mul(2).sub(1)
        val draws = arrayOf(io.getValue("sigma_normals").reshape(-1), io.getValue("noise"))
        GradientScope().use {
          val weight = parameters(process).getValue("linear.weight").array
          weight.setRequiresGradient(true)
          Engine.getInstance().newGradientCollector().use { collector ->
            val loss = process.loss(network, images, pass(true, *draws))
            loss.level().shouldBeWithin(1e-5, sigma)
            val mean = loss.perImage().mean()
            val expected = io.getValue("loss").getFloat().toDouble()
            mean.getFloat().toDouble() shouldBe (expected plusOrMinus 1e-5 * expected)
            collector.backward(mean)
          }
          val expected = golden.sampled(manager, "edm2/$folder/grads_sampled")
          val name = "reweight_mlp.linear.weight"
          expected.checkValues(name, weight.gradient.toFloatArray(), 5e-4 * expected.absMax(name))
        }
      }
    }

    test("the squared error of an image is the weighted one of its denoised image, and e^u divides it") {
      val process = initialized("normalized")
      val n = 4
      val images = SeededNoise(manager, 2).normal(Shape(4, 3, 8, 8)).mul(0.5)
      val normals = manager.create(floatArrayOf(-3f, -1f, 0f, 3f))
      val noise = SeededNoise(manager, 3).normal(images.shape)
      val network = DenoisingNetwork { x, c -> x.sin().add(c.reshape(-1, 1, 1, 1)) }
      val loss = process.loss(network, images, pass(true, normals, noise))
      val u = process.curves(pass(false), loss.level()).getValue("u").doubles()
      val (x0, eps) = images.doubles() to noise.doubles()
      val each = x0.size / n
      for (i in 0 until n) {
        val sigma = exp(-1.2 + 1.2 * normals.getFloat(i.toLong()))
        val r2 = sigma * sigma + 0.25
        val errors =
          (i * each until (i + 1) * each).map { k ->
            val noisy = x0[k] + sigma * eps[k]
            val output = kotlin.math.sin(noisy / sqrt(r2)) + ln(sigma) / 4
            val denoised = 0.25 / r2 * noisy + sigma * 0.5 / sqrt(r2) * output
            r2 / (sigma * 0.5).pow(2) * (denoised - x0[k]).pow(2)
          }
        val error = errors.average()
        loss.squaredError().doubles()[i] shouldBe (error plusOrMinus 1e-4 * error)
        loss.perImage().doubles()[i] shouldBe (error / exp(u[i]) + u[i] plusOrMinus 1e-4 * (1 + error))
      }
    }

    test("u is a sum of waves of ln(sigma)/4") {
      for ((form, scale) in listOf("plain" to 1.0, "magnitude-preserving" to sqrt(2.0))) {
        val process = initialized(form)
        val values = parameters(process).mapValues { it.value.array.doubles() }
        val weight = values.getValue("linear.weight")
        val length = if (form == "plain") 1.0 else sqrt(weight.sumOf { it * it }) + 1e-4 * 16
        for (sigma in listOf(0.01, 0.7, 30.0)) {
          val c = ln(sigma) / 4
          val expected =
            (0 until 256).sumOf { k ->
              val turns = c * values.getValue("fourier.frequencies")[k] + values.getValue("fourier.phases")[k]
              scale * cos(2 * Math.PI * turns) * weight[k] / length
            }
          val u = process.curves(pass(false), manager.create(floatArrayOf(sigma.toFloat()))).getValue("u")
          u.doubles()[0] shouldBe (expected plusOrMinus 1e-4)
        }
      }
    }

    test("its tensors have the reference's names, and the waves are not trained") {
      val named = parameters(initialized("magnitude-preserving"))
      named.keys shouldContainExactly setOf("fourier.frequencies", "fourier.phases", "linear.weight")
      named.filterValues { it.requiresGradient() }.keys shouldContainExactly setOf("linear.weight")
    }

    test("renormalised weights have a mean square of 1") {
      val process = initialized("normalized")
      renormalize(process)
      val weight = parameters(process).getValue("linear.weight").array.doubles()
      weight.map { it * it }.average() shouldBe (1.0 plusOrMinus 1e-3)
      initialized("plain").renormalized(pass(true)).shouldBeEmpty()
    }

    test("without u the loss is the error, and nothing is trained beside the network") {
      val process = scheduler(options("uncertainty" to "none"), RecordedNoise())
      process.trainable() shouldBe null
      process.curves(pass(false), manager.create(floatArrayOf(1f))).shouldBeEmpty()
      val images = SeededNoise(manager, 2).normal(Shape(2, 3, 8, 8))
      val draws = arrayOf(manager.create(floatArrayOf(0f, 1f)), SeededNoise(manager, 3).normal(images.shape))
      val loss = process.loss({ x, _ -> x.tanh() }, images, pass(true, *draws))
      loss.perImage().doubles().shouldBeWithin(0.0, loss.squaredError().doubles())
    }
  })
