package io.github.diffusionhost.plugins.fidelity.metric.pixel

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.plugins.fidelity.Pictures
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.maps.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.log10
import kotlin.math.pow
import kotlin.math.sqrt

/** Predicts by a formula. */
private class Formula(val predict: (NDArray, NDArray, NDArray?) -> NDArray) : Denoiser() {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?) =
    predict.invoke(x, noiseCondition, labels)
}

/** A process of which only the levels matter. */
private class Levels(val mix: (Double) -> NoiseLevel) : Scheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss =
    throw UnsupportedOperationException()

  override fun levelEdges() = doubleArrayOf(0.0, 0.5, 1.0)

  override fun at(level: Double) = mix(level)

  override fun conditionAt(level: Double) = 1000 * level

  override fun samplers(): List<SamplerFactory<*>> = listOf()
}

/** One step of the network from noisy test images. */
class PixelErrorSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val test = Pictures.halves(50, 2)
    afterSpec { manager.close() }

    fun report(denoiser: Denoiser, options: PixelErrorOptions, mix: (Double) -> NoiseLevel): MetricReport {
      val context = TestContext(manager, tempdir().toPath(), mapOf(Split.TEST to test), denoiser, Levels(mix))
      return PixelErrorProvider().create(options, context).use { it.report() }
    }

    fun options(vararg levels: Double, images: Int? = null) = PixelErrorOptions(levels.toList(), 3, images, 16)

    val pixels =
      (0 until 50).map { i ->
        ByteArray(64).also { test.read(i, it, 0) }.map { (it.toInt() and 255) / 255.0 }
      }

    test("an image that is predicted to be grey is as wrong as it is far from grey") {
      val found = report(Formula { x, _, _ -> x.mul(0) }, options(0.3)) { NoiseLevel(1 - it, it, 1.0, 0.0) }
      val expected = sqrt(pixels.flatten().map { (it - 0.5).pow(2) }.average())
      found.values().getValue("rmse") shouldBe (expected plusOrMinus 1e-6)
      found.values().getValue("rmse/0.3") shouldBe (expected plusOrMinus 1e-6)
      found.values().getValue("psnr") shouldBe (-20 * log10(expected) plusOrMinus 1e-5)
    }

    // Noise, velocity of a straight path, velocity on a circle: what a network would have to say of an image of zeros.
    val targets =
      mapOf<String, (Double) -> NoiseLevel>(
        "the noise" to { NoiseLevel(sqrt(1 - it * it), it, 0.0, 1.0) },
        "noise less image" to { NoiseLevel(1 - it, it, -1.0, 1.0) },
        "a rotation" to { NoiseLevel(sqrt(1 - it * it), it, -it, sqrt(1 - it * it)) },
      )
    for ((name, mix) in targets) {
      test("the image follows from the prediction of $name") {
        // With x0 = 0 the network's target is b·eps = b·x/n, and the image that follows from it is 0, which is grey.
        val denoiser = Formula { x, condition, _ ->
          val level = mix(condition.getFloat(0) / 1000.0)
          x.mul(level.targetNoise() / level.noise())
        }
        val found = report(denoiser, options(0.25, 0.6), mix)
        val expected = sqrt(pixels.flatten().map { (it - 0.5).pow(2) }.average())
        found.values().getValue("rmse/0.25") shouldBe (expected plusOrMinus 1e-5)
        found.values().getValue("rmse/0.6") shouldBe (expected plusOrMinus 1e-5)
      }
    }

    test("without noise nothing is lost") {
      val found = report(Formula { x, _, _ -> x }, options(0.0)) { NoiseLevel(1.0, 0.0, 0.0, 1.0) }.values()
      found.getValue("rmse") shouldBe (0.0 plusOrMinus 1e-7)
      found.getValue("ssim") shouldBe (1.0 plusOrMinus 1e-9)
    }

    test("the network is told the level and the labels of the images, and images come in batches") {
      val seen = mutableListOf<Long>()
      val denoiser = Formula { x, condition, labels ->
        condition.toFloatArray().forEach { it.toDouble() shouldBe (500.0 plusOrMinus 1e-3) }
        seen += labels!!.toLongArray().toList()
        x
      }
      val report = report(denoiser, options(0.5, images = 40)) { NoiseLevel(1 - it, it, 1.0, 0.0) }
      seen shouldBe (0 until 40).map { test.label(it).toLong() }
      report.protocol() shouldContain ("test images" to "40")
      report.protocol() shouldContain ("levels" to "[0.5]")
    }

    test("levels are those of a sampling if none are given, and the first numbers their means") {
      val values =
        report(Formula { x, _, _ -> x.mul(0.5) }, options(images = 20)) { NoiseLevel(1 - it, it, 1.0, 0.0) }.values()
      for (name in listOf("rmse", "psnr", "ssim")) {
        val levels = listOf("1", "0.5", "0").map { values.getValue("$name/$it") }
        values.getValue(name) shouldBe (levels.average() plusOrMinus 1e-12)
      }
    }

    test("levels are called by four digits, and by all where four would not tell them apart") {
      val named = { levels: Array<Double> ->
        report(Formula { x, _, _ -> x.mul(0.5) }, options(*levels.toDoubleArray(), images = 20)) {
            NoiseLevel(1 - it, it, 1.0, 0.0)
          }
          .values()
          .keys
          .filter { it.startsWith("rmse/") }
      }
      named(arrayOf(0.62054067, 0.25)) shouldBe listOf("rmse/0.6205", "rmse/0.25")
      named(arrayOf(0.62054067, 0.62054068)) shouldBe listOf("rmse/0.62054067", "rmse/0.62054068")
    }

    test("levels outside the process are refused") {
      shouldThrow<IllegalArgumentException> {
          report(Formula { x, _, _ -> x }, options(1.5)) { NoiseLevel(1.0, 0.0, 0.0, 1.0) }
        }
        .message!! shouldContain "levels: 1.5 is no noise level of this process, whose levels go from 0.0 to 1.0"
    }

    test("a prediction of the noise says nothing of an image of which nothing is left") {
      shouldThrow<IllegalStateException> {
          report(Formula { x, _, _ -> x }, options(1.0)) { NoiseLevel(0.0, 1.0, 0.0, 1.0) }
        }
        .message!! shouldContain "says nothing of the image where there is only noise"
    }
  })
