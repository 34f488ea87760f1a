package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions
import io.github.diffusionhost.plugins.ddpm.process.Mix
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule
import io.github.diffusionhost.plugins.ddpm.process.Prediction
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

/** What a network was shown and told, and the loss of its answer. */
private class Asked(val x: NDArray, val condition: NDArray, val loss: TrainingLoss)

class TrainingSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun train(
      options: DdpmOptions,
      images: NDArray,
      vararg draws: NDArray,
      network: DenoisingNetwork = DenoisingNetwork { x, _ -> x.zerosLike() },
    ): Asked {
      lateinit var asked: Pair<NDArray, NDArray>
      val noise = RecordedNoise(*draws)
      val listening = DenoisingNetwork { x, condition ->
        asked = x to condition
        network.predict(x, condition)
      }
      val pass = Forward.of(ParameterStore(manager, false), true, noise)
      val loss = scheduler(options).loss(listening, images, pass)
      noise.remaining() shouldBe 0
      return Asked(asked.first, asked.second, loss)
    }

    /** A draw that gives these timesteps of 1000. */
    fun uniformsOf(vararg t: Int) = manager.create(FloatArray(t.size) { (t[it] + 0.5f) / 1000 })

    golden("noisy images and v are the reference's", "ddpm/add_noise") { golden ->
      val numbers = golden.tensors(manager, "ddpm/add_noise")
      val t = numbers.getValue("t").toLongArray().map { it.toInt() }.toIntArray()
      val velocity = numbers.getValue("velocity")
      val asked =
        train(
          options("prediction" to "v"),
          numbers.getValue("x0"),
          uniformsOf(*t),
          numbers.getValue("noise"),
          network = { _, _ -> velocity.duplicate() },
        )
      asked.condition.toFloatArray().toList() shouldBe t.map { it.toFloat() }
      asked.loss.level().toFloatArray().toList() shouldBe t.map { it.toFloat() }
      asked.x.shouldBeWithin(1e-5, numbers.getValue("x_t"))
      asked.x.shouldBeWithin(1e-5, numbers.getValue("x_t_float64"))
      // All errors together are what one element may differ by, so that each differs by less.
      val elements = velocity.size() / t.size
      for (error in asked.loss.squaredError().toFloatArray()) sqrt(error * elements.toDouble()) shouldBeLessThan 1e-5
      val schedule = NoiseSchedule.of(options())
      fun column(value: (Mix) -> Double) =
        manager.create(FloatArray(t.size) { value(schedule.mix(t[it])).toFloat() }).reshape(-1, 1, 1, 1)
      val target =
        Prediction.V.target(
          numbers.getValue("x0"),
          numbers.getValue("noise"),
          column(Mix::signal),
          column(Mix::noise),
        )
      target.shouldBeWithin(1e-5, numbers.getValue("velocity"))
      target.shouldBeWithin(1e-5, numbers.getValue("velocity_float64"))
    }

    test("timesteps are the uniform draw times T, rounded down, and never T itself") {
      val images = manager.zeros(Shape(4, 1, 2, 2))
      val u = manager.create(floatArrayOf(0f, 0.000999f, 0.5f, Math.nextDown(1f)))
      for (total in listOf(1, 10, 1000, 1_000_000)) {
        val asked = train(options("timesteps" to total), images, u, images)
        asked.condition.dataType shouldBe DataType.FLOAT32
        val expected = listOf(0.0, 0.000999, 0.5).map { Math.floor(it * total) } + (total - 1.0)
        asked.condition.doubles().toList() shouldBe expected
      }
    }

    test("one timestep for a batch is one draw, which every image shares") {
      val images = manager.randomNormal(Shape(5, 1, 2, 2))
      val noise = manager.randomNormal(images.shape)
      val asked = train(options("times" to "per-batch"), images, uniformsOf(700), noise)
      asked.condition.toFloatArray().toList() shouldBe List(5) { 700f }
      asked.loss.level().toFloatArray().toList() shouldBe List(5) { 700f }
      val apart = train(options(), images, uniformsOf(700, 700, 700, 700, 700), noise)
      asked.x.shouldBeWithin(0.0, apart.x)
      asked.loss.perImage().shouldBeWithin(0.0, apart.loss.perImage())
    }

    test("a network that knows the image and the noise has no error, whatever it predicts") {
      val images = manager.randomNormal(Shape(3, 1, 4, 4))
      val noise = manager.randomNormal(images.shape)
      for (prediction in listOf("epsilon", "sample", "v")) {
        val schedule = NoiseSchedule.of(options())
        val network = DenoisingNetwork { x, t ->
          // From x and one of the two it finds the answer.
          val rows =
            List(3) { i ->
              val mix = schedule.mix(t.getFloat(i.toLong()).toInt())
              val row = { a: NDArray -> a.get("$i:${i + 1}") }
              when (prediction) {
                "epsilon" -> row(x).sub(row(images).mul(mix.signal())).div(mix.noise())
                "sample" -> row(x).sub(row(noise).mul(mix.noise())).div(mix.signal())
                else -> row(noise).mul(1 / mix.signal()).sub(row(x).mul(mix.noise() / mix.signal()))
              }
            }
          rows.reduce { a, b -> a.concat(b) }
        }
        val asked =
          train(options("prediction" to prediction), images, uniformsOf(20, 300, 600), noise, network = network)
        asked.loss.squaredError().toFloatArray().forEach { it.toDouble() shouldBeLessThan 1e-8 }
      }
    }

    test("the loss is the mean squared error, times the weight of its timestep") {
      val images = manager.randomNormal(Shape(3, 2, 4, 4))
      val noise = manager.randomNormal(images.shape)
      val u = uniformsOf(0, 250, 999)
      val plain = train(options(), images, u, noise).loss
      val weighted = train(options("weighting" to "min-snr", "minSnrGamma" to 5.0), images, u, noise).loss
      val schedule = NoiseSchedule.of(options())
      for ((i, t) in listOf(0, 250, 999).withIndex()) {
        val eps = noise.get(i.toLong()).toFloatArray()
        val expected = eps.sumOf { it.toDouble() * it } / eps.size
        plain.perImage().getFloat(i.toLong()).toDouble() shouldBe (expected plusOrMinus 1e-5)
        val snr = schedule.alphaCumprod(t) / (1 - schedule.alphaCumprod(t))
        val weight = minOf(snr, 5.0) / snr
        weighted.perImage().getFloat(i.toLong()) / expected shouldBe (weight plusOrMinus 1e-5 * weight)
        weighted.squaredError().getFloat(i.toLong()) shouldBe plain.squaredError().getFloat(i.toLong())
      }
    }

    test("at zero terminal SNR the last timestep shows nothing of the image") {
      val images = manager.randomNormal(Shape(1, 1, 4, 4))
      val noise = manager.randomNormal(images.shape)
      for ((prediction, target) in listOf("v" to images.neg(), "sample" to images)) {
        val zero = options("prediction" to prediction, "zeroTerminalSnr" to true)
        val asked = train(zero, images, uniformsOf(999), noise, network = { _, _ -> target.duplicate() })
        asked.x.shouldBeWithin(0.0, noise)
        asked.loss.perImage().getFloat(0) shouldBe 0f
      }
    }

    test("levels are ten equal bins of timesteps, and say what is predicted there") {
      val scheduler = scheduler(options("timesteps" to 500))
      scheduler.levelEdges().toList() shouldBe List(11) { 50.0 * it }
      val schedule = NoiseSchedule.of(options("timesteps" to 500))
      val epsilon = scheduler.at(249.6)
      epsilon.signal() shouldBe sqrt(schedule.alphaCumprod(250))
      epsilon.noise() shouldBe sqrt(1 - schedule.alphaCumprod(250))
      listOf(epsilon.targetSignal(), epsilon.targetNoise()) shouldBe listOf(0.0, 1.0)
      scheduler.at(500.0) shouldBe scheduler.at(499.0)
      val v = scheduler(options("prediction" to "v")).at(100.0)
      listOf(v.targetSignal(), v.targetNoise()) shouldBe listOf(-v.noise(), v.signal())
      val image = scheduler(options("prediction" to "sample")).at(100.0)
      listOf(image.targetSignal(), image.targetNoise()) shouldBe listOf(1.0, 0.0)
    }
  })
