package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.ln

class PreconditioningSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("the factors of the network are the published ones").config(enabledOrReasonIf = { Golden.installed }) {
      val golden = Golden.tensors(manager, "preconditioning")
      val of = Preconditioning(0.5)
      val sigmas = golden.getValue("sigma").doubles()
      fun factor(name: String, own: (Double) -> Double) =
        sigmas.map(own).toDoubleArray().shouldBeRelativelyWithin(1e-5, golden.getValue(name).doubles())
      factor("c_skip", of::skip)
      factor("c_out", of::out)
      factor("c_in", of::`in`)
      factor("loss_weight", of::weight)
      sigmas.map(of::condition).toDoubleArray().shouldBeWithin(1e-6, golden.getValue("c_noise").doubles())
    }

    for (steps in listOf(6, 18, 50)) {
      test("$steps steps are at the published levels").config(enabledOrReasonIf = { Golden.installed }) {
        val golden = Golden.tensors(manager, "schedule")
        val sigmas = KarrasSchedule(0.002, 80.0, 7.0).sigmas(steps)
        sigmas.shouldBeRelativelyWithin(1e-12, golden.getValue("sigmas_${steps}_exact_float64").doubles())
        sigmas.shouldBeRelativelyWithin(1e-6, golden.getValue("sigmas_$steps").doubles())
      }
    }

    test("one step begins at the most noise") {
      KarrasSchedule(0.002, 80.0, 7.0).sigmas(1).shouldBeWithin(1e-12, doubleArrayOf(80.0, 0.0))
    }

    test("the network sees and is asked for mixtures of variance 1, and guesses no better than with an error of 1") {
      for (sigmaData in listOf(0.5, 1.3)) {
        val of = Preconditioning(sigmaData)
        for (sigma in listOf(0.002, 0.1, 0.5, 3.0, 80.0)) {
          val level = of.at(sigma)
          val v = sigmaData * sigmaData
          withClue("sigma $sigma of $sigmaData") {
            (level.signal() * level.signal() * v + level.noise() * level.noise()) shouldBe (1.0 plusOrMinus 1e-12)
            val target = level.targetSignal() * level.targetSignal() * v + level.targetNoise() * level.targetNoise()
            target shouldBe (1.0 plusOrMinus 1e-12)
            level.linearError(v) shouldBe (1.0 plusOrMinus 1e-12)
            // What is asked for is (x0 - skip x)/out, for an image and for noise alone.
            level.targetSignal() shouldBe ((1 - of.skip(sigma)) / of.out(sigma) plusOrMinus 1e-9)
            level.targetNoise() shouldBe (-of.skip(sigma) * sigma / of.out(sigma) plusOrMinus 1e-9)
          }
        }
      }
    }

    test("bins of noise lie at round numbers between the ends of a sampling") {
      val process = scheduler(options(), SeededNoise(manager, 1))
      process.levelEdges() shouldBe doubleArrayOf(0.002, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 80.0)
      scheduler(options("sigmaMin" to 0.5, "sigmaMax" to 0.9, "uncertainty" to "none"), RecordedNoise())
        .levelEdges() shouldBe doubleArrayOf(0.5, 0.9)
    }

    test("the network is told a quarter of the logarithm of sigma, at the levels of a sampling") {
      val process = scheduler(options("uncertainty" to "none"), RecordedNoise())
      process.conditionAt(3.0) shouldBe (ln(3.0) / 4 plusOrMinus 1e-12)
      process.samplingLevels(18).shouldBeWithin(0.0, KarrasSchedule(0.002, 80.0, 7.0).sigmas(18).copyOf(18))
    }

    test("a sampling that would not fall is refused") {
      shouldThrow<IllegalArgumentException> { options("sigmaMin" to 2.0, "sigmaMax" to 1.0) }.message!! shouldContain
        "sigmaMin 2.0 is not below sigmaMax 1.0"
    }
  })
