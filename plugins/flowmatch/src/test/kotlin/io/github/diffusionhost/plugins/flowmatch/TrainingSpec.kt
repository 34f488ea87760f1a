package io.github.diffusionhost.plugins.flowmatch

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.pow

private fun options(vararg set: Pair<String, Any>): FlowMatchOptions =
  OptionsSpec.of(FlowMatchProvider().defaults()).create(mapOf(*set))

class TrainingSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    class Asked(val x: NDArray, val condition: NDArray, val loss: TrainingLoss)

    /** A loss with a network that predicts zeros, and what that network was asked. */
    fun train(options: FlowMatchOptions, images: NDArray, vararg draws: NDArray, side: Int = 28): Asked {
      var asked: Pair<NDArray, NDArray>? = null
      val network = DenoisingNetwork { x, condition ->
        asked = x to condition
        x.zerosLike()
      }
      val noise = RecordedNoise(*draws)
      val scheduler = FlowMatchProvider().create(options, SchedulerContext(ImageShape(1, side, side), RecordedNoise()))
      val loss = scheduler.loss(network, images, Forward.of(ParameterStore(manager, false), true, noise))
      noise.remaining() shouldBe 0
      return Asked(asked!!.first, asked!!.second, loss)
    }

    test("a noisy image and its velocity are those of diffusers") {
      val numbers = Golden.packed.tensors(manager, "flowmatch/xt")
      StraightPath.at(numbers.getValue("x0"), numbers.getValue("noise"), numbers.getValue("sigma"))
        .shouldBeWithin(1e-6, numbers.getValue("x_t"))
      StraightPath.velocity(numbers.getValue("x0"), numbers.getValue("noise"))
        .shouldBeWithin(1e-6, numbers.getValue("target"))
    }

    test("as published, times and levels are those of the published training step") {
      val numbers = Golden.packed.tensors(manager, "flowmatch/training_draw")
      val images = manager.randomNormal(ImageShape(1, 28, 28).batch(numbers.getValue("normals").size()))
      val noise = manager.randomNormal(images.shape)
      val asked = train(options("time" to "as-published"), images, numbers.getValue("normals"), noise)
      asked.condition.toFloatArray().map { it.toLong() } shouldBe numbers.getValue("model_t").toLongArray().toList()
      asked.condition.toFloatArray().map { -1 - it.toLong() } shouldBe numbers.getValue("t").toLongArray().toList()
      asked.loss.level.shouldBeWithin(1e-6, numbers.getValue("sigma"))
      val all = numbers.getValue("sigmas").toFloatArray()
      val byIndex = numbers.getValue("sigma_index").toLongArray().map { all[it.toInt()] }
      asked.loss.level.shouldBeWithin(1e-6, manager.create(byIndex.toFloatArray()))
      asked.x.shouldBeWithin(1e-6, StraightPath.at(images, noise, numbers.getValue("sigma")))
    }

    test("by default the network is told 1000 sigma in training too") {
      val normals = floatArrayOf(-2f, 0f, 1f)
      val images = manager.randomNormal(ImageShape(1, 28, 28).batch(3))
      val asked = train(options(), images, manager.create(normals), manager.randomNormal(images.shape))
      val mu = 0.48984375
      for (i in 0 until 3) {
        val u = 1 / (1 + exp(-normals[i].toDouble()))
        val sigma = exp(mu) / (exp(mu) + (1 / u - 1))
        asked.loss.level.getFloat(i.toLong()).toDouble() shouldBe (sigma plusOrMinus 1e-6)
        asked.condition.getFloat(i.toLong()).toDouble() shouldBe (1000 * sigma plusOrMinus 1e-3)
      }
    }

    test("the loss is each image's mean squared error against noise minus image") {
      val images = manager.randomNormal(ImageShape(1, 28, 28).batch(2))
      val noise = manager.randomNormal(images.shape)
      val asked = train(options(), images, manager.create(floatArrayOf(0.3f, -1f)), noise)
      val x = images.toFloatArray()
      val e = noise.toFloatArray()
      for (i in 0 until 2) {
        val expected = (0 until 784).sumOf { (e[i * 784 + it] - x[i * 784 + it]).toDouble().pow(2) } / 784
        asked.loss.perImage.getFloat(i.toLong()).toDouble() shouldBe (expected plusOrMinus 1e-5 * expected)
      }
    }

    for (set in listOf("logit_normal_a", "logit_normal_b")) {
      test("times of $set are those of diffusers") {
        val numbers = Golden.packed.tensors(manager, "flowmatch/sd3_density")
        val (mean, std) = numbers.getValue("$set.mean_std").toFloatArray()
        val u = TimeDistribution.logitNormal(numbers.getValue("$set.normals"), mean.toDouble(), std.toDouble())
        u.shouldBeWithin(1e-6, numbers.getValue("$set.u"))
        u.mul(1000).floor().toType(DataType.INT64, false) shouldBe numbers.getValue("$set.index_1000")
      }
    }

    for (set in listOf("mode_a", "mode_b")) {
      test("times of $set are those of diffusers") {
        val numbers = Golden.packed.tensors(manager, "flowmatch/sd3_density")
        val u =
          TimeDistribution.mode(
            numbers.getValue("$set.uniforms"),
            numbers.getValue("$set.scale").getFloat(0).toDouble(),
          )
        u.shouldBeWithin(1e-6, numbers.getValue("$set.u"))
        u.mul(1000).floor().toType(DataType.INT64, false) shouldBe numbers.getValue("$set.index_1000")
      }
    }

    for ((weighting, column) in
      listOf(
        LossWeighting.NONE to "none",
        LossWeighting.SIGMA_SQRT to "sigma_sqrt",
        LossWeighting.COSMAP to "cosmap",
      )) {
      test("the weights $column are those of diffusers") {
        val numbers = Golden.packed.tensors(manager, "flowmatch/sd3_density")
        val expected = numbers.getValue("weighting.$column").toFloatArray()
        val weights = weighting.weights(numbers.getValue("weighting.sigmas")).toFloatArray()
        for (i in expected.indices) {
          weights[i].toDouble() shouldBe (expected[i].toDouble() plusOrMinus 1e-5 * abs(expected[i]))
        }
      }
    }

    test("a weighting multiplies the loss by the weight at its level") {
      val images = manager.randomNormal(ImageShape(1, 28, 28).batch(3))
      val draws = arrayOf(manager.create(floatArrayOf(-1f, 0f, 2f)), manager.randomNormal(images.shape))
      val plain = train(options(), images, *draws).loss
      val cosmap = train(options("weighting" to "cosmap"), images, *draws).loss
      for (i in 0L until 3) {
        val s = plain.level.getFloat(i).toDouble()
        val weight = 2 / (PI * (1 - 2 * s + 2 * s * s))
        cosmap.perImage.getFloat(i) / plain.perImage.getFloat(i).toDouble() shouldBe (weight plusOrMinus 1e-5)
      }
    }

    test("a level of 0 does not make an infinite loss") {
      val images = manager.randomNormal(ImageShape(1, 28, 28).batch(1))
      val zero = options("times" to "uniform", "weighting" to "sigma-sqrt")
      val loss = train(zero, images, manager.create(floatArrayOf(0f)), manager.randomNormal(images.shape)).loss
      loss.perImage.getFloat(0).isFinite() shouldBe true
    }

    test("offset noise is one more draw for each image and channel") {
      val images = manager.zeros(ImageShape(1, 28, 28).batch(2))
      val noise = manager.randomNormal(images.shape)
      val offset = manager.create(floatArrayOf(1f, -2f)).reshape(2, 1, 1, 1)
      val u = manager.create(floatArrayOf(40f, 40f)) // sigma is 1, so that x is the noise itself
      train(options("offsetNoise" to 0.1), images, u, noise, offset).x.shouldBeWithin(1e-6, noise.add(offset.mul(0.1)))
    }

    test("immiscible noise goes to the nearest image") {
      val images = manager.arange(4f).mul(10).reshape(4, 1, 1, 1).broadcast(4, 1, 28, 28)
      val noise = manager.create(floatArrayOf(21f, 3f, 33f, 9f)).reshape(4, 1, 1, 1).broadcast(4, 1, 28, 28)
      val u = manager.full(ai.djl.ndarray.types.Shape(4), 40f)
      val asked = train(options("immiscible" to true), images, u, noise)
      (0L until 4).map { asked.x.getFloat(it, 0, 0, 0) } shouldBe listOf(3f, 9f, 21f, 33f)
    }

    test("sigma-sqrt weights cannot go with published times, which draw sigma 0") {
      shouldThrow<IllegalArgumentException> { options("time" to "as-published", "weighting" to "sigma-sqrt") }
        .message shouldContain "set time to consistent"
    }

    test("a patch that does not divide the image is refused with a way out") {
      val images = ImageShape(1, 27, 27)
      shouldThrow<IllegalArgumentException> {
          FlowMatchProvider().create(options(), SchedulerContext(images, RecordedNoise()))
        }
        .message shouldContain "patch 2 does not divide the images' 27x27 pixels"
    }
  })
