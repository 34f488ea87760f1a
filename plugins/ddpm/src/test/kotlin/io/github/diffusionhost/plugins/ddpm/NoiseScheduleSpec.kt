package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.ddpm.process.BetaSchedule
import io.github.diffusionhost.plugins.ddpm.process.LossWeighting
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule
import io.github.diffusionhost.plugins.ddpm.process.Posterior
import io.github.diffusionhost.plugins.ddpm.process.Prediction
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.min
import kotlin.math.pow
import kotlin.math.sqrt

class NoiseScheduleSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    golden("the linear schedule and its posterior are the reference's", "ddpm/schedule") { golden ->
      val numbers = golden.tensors(manager, "ddpm/schedule")
      fun column(name: String) = numbers.getValue(name).doubles()
      val timesteps = column("betas").size
      fun each(value: (Int) -> Double) = DoubleArray(timesteps) { value(it) }
      val schedule = NoiseSchedule.of(options("timesteps" to timesteps))
      each(schedule::beta).shouldBeRelativelyWithin(1e-9, column("betas"))
      each { 1 - schedule.beta(it) }.shouldBeRelativelyWithin(1e-9, column("alphas"))
      each(schedule::alphaCumprod).shouldBeRelativelyWithin(1e-9, column("alphas_cumprod"))
      each(schedule::beta).shouldBeRelativelyWithin(1e-5, column("betas_float32"))
      each(schedule::alphaCumprod).shouldBeRelativelyWithin(1e-5, column("alphas_cumprod_float32"))
      val posterior = List(timesteps) { Posterior.of(schedule, it, it - 1) }
      each { posterior[it].fixedSmall }.shouldBeRelativelyWithin(1e-9, column("variance_fixed_small"))
      each { posterior[it].fixedLarge }.shouldBeRelativelyWithin(1e-9, column("variance_fixed_large"))
      each { posterior[it].meanImage }.shouldBeRelativelyWithin(1e-9, column("posterior_mean_coef_x0"))
      each { posterior[it].meanState }.shouldBeRelativelyWithin(1e-9, column("posterior_mean_coef_xt"))
      posterior[0].fixedSmall shouldBe 1e-20
    }

    golden("min-SNR weights are the reference's", "ddpm/min_snr") { golden ->
      val numbers = golden.tensors(manager, "ddpm/min_snr")
      val timesteps = numbers.getValue("snr").size().toInt()
      fun each(value: (Int) -> Double) = DoubleArray(timesteps) { value(it) }
      val schedule = NoiseSchedule.of(options("timesteps" to timesteps))
      fun weights(prediction: Prediction) = each { LossWeighting.MIN_SNR.weight(schedule.snr(it), 5.0, prediction) }
      for ((suffix, tolerance) in listOf("" to 1e-9, "_diffusers_float32" to 1e-5)) {
        fun column(name: String) = numbers.getValue(name + suffix).doubles()
        each(schedule::snr).shouldBeRelativelyWithin(tolerance, column("snr"))
        weights(Prediction.EPSILON).shouldBeRelativelyWithin(tolerance, column("weight_epsilon"))
        weights(Prediction.V).shouldBeRelativelyWithin(tolerance, column("weight_v_prediction"))
      }
      // min(SNR, gamma) for the image is SNR times that for the noise.
      val image = each { schedule.snr(it) * LossWeighting.MIN_SNR.weight(schedule.snr(it), 5.0, Prediction.EPSILON) }
      weights(Prediction.SAMPLE).shouldBeRelativelyWithin(1e-12, image)
    }

    test("the scaled linear schedule has equal steps of the root") {
      val betas = BetaSchedule.scaledLinear(1000, 0.00085, 0.012)
      betas.first() shouldBe (0.00085 plusOrMinus 1e-15)
      betas.last() shouldBe (0.012 plusOrMinus 1e-15)
      sqrt(betas[500]) - sqrt(betas[499]) shouldBe ((sqrt(0.012) - sqrt(0.00085)) / 999 plusOrMinus 1e-15)
    }

    test("the cosine schedule follows its curve until beta is cut off at 0.999") {
      val schedule = NoiseSchedule.of(options("schedule" to "cosine"))
      fun curve(u: Double) = cos((u + 0.008) / 1.008 * PI / 2).pow(2)
      for (t in listOf(0, 1, 500, 990)) {
        schedule.alphaCumprod(t) shouldBe (curve((t + 1) / 1000.0) / curve(0.0) plusOrMinus 1e-12)
      }
      schedule.beta(999) shouldBe 0.999
      (0 until 1000).all { schedule.beta(it) <= 0.999 } shouldBe true
      schedule.beta(3) shouldBe (min(1 - curve(0.004) / curve(0.003), 0.999) plusOrMinus 1e-15)
    }

    test("given betas are taken as they are") {
      val schedule =
        NoiseSchedule.of(options("timesteps" to 3, "schedule" to "given", "betas" to listOf(0.1, 0.2, 0.5)))
      schedule.timesteps() shouldBe 3
      schedule.alphaCumprod(2) shouldBe (0.9 * 0.8 * 0.5 plusOrMinus 1e-15)
      schedule.alphaCumprod(-1) shouldBe 1.0
    }

    for (kind in listOf("linear", "scaled-linear", "cosine")) {
      test("rescaled to zero terminal SNR, the $kind schedule ends in pure noise and begins as before") {
        val zero = options("schedule" to kind, "zeroTerminalSnr" to true, "prediction" to "v")
        val plain = NoiseSchedule.of(options("schedule" to kind))
        val rescaled = NoiseSchedule.of(zero)
        rescaled.alphaCumprod(999) shouldBe 0.0
        rescaled.beta(999) shouldBe 1.0
        rescaled.alphaCumprod(0) shouldBe (plain.alphaCumprod(0) plusOrMinus 1e-15)
        // Roots are stretched, so that their steps keep their ratios.
        fun root(schedule: NoiseSchedule, t: Int) = sqrt(schedule.alphaCumprod(t))
        fun share(schedule: NoiseSchedule) =
          (root(schedule, 100) - root(schedule, 400)) / (root(schedule, 0) - root(schedule, 999))
        share(rescaled) shouldBe (share(plain) plusOrMinus 1e-12)
        (1 until 1000).all { rescaled.alphaCumprod(it) < rescaled.alphaCumprod(it - 1) } shouldBe true
      }
    }

    val mistakes =
      listOf(
        listOf("betaStart" to 0.03) to "betaStart 0.03 is above betaEnd 0.02",
        listOf("betaStart" to 0.0) to "betaStart is 0.0, and a beta lies between 0 and 1",
        listOf("betaEnd" to 1.0) to "betaEnd is 1.0, and a beta lies between 0 and 1",
        listOf("betaEnd" to Double.NaN) to "betaEnd is NaN",
        listOf("schedule" to "given") to "betas has 0 values, and timesteps is 1000",
        listOf("schedule" to "given", "timesteps" to 2, "betas" to listOf(0.1)) to "betas has 1 values",
        listOf("schedule" to "given", "timesteps" to 2, "betas" to listOf(0.1, 1.0)) to "betas[1] is 1.0",
        listOf("schedule" to "given", "timesteps" to 2, "betas" to listOf(-0.1, 0.5)) to "betas[0] is -0.1",
        listOf("betas" to listOf(0.1)) to "set schedule to given, or remove betas",
        listOf("zeroTerminalSnr" to true) to "set prediction to v or sample",
        listOf("zeroTerminalSnr" to true, "prediction" to "v", "timesteps" to 1) to "needs at least 2 timesteps",
      )
    for ((set, message) in mistakes) {
      test("refused: $set") {
        shouldThrow<IllegalArgumentException> { options(*set.toTypedArray()) }.message!! shouldContain message
      }
    }
  })
