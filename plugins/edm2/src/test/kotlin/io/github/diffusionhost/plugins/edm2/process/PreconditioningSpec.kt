package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.model.NoiseCondition
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.ln

/** Factors by noise level and the grids of samplers: `edm2/preconditioning` and `schedule`. */
class PreconditioningSpec :
  FunSpec({
    val preconditioning = Preconditioning(0.5)
    val schedule = KarrasSchedule(0.002, 80.0, 7.0)

    test("the factors are the reference's") {
      NDManager.newBaseManager().use { manager ->
        val golden = Golden.packed.tensors(manager, "edm2/preconditioning").mapValues { it.value.doubles() }
        val factors =
          mapOf<String, (Double) -> Double>(
            "c_skip" to preconditioning::skip,
            "c_out" to preconditioning::out,
            "c_in" to preconditioning::`in`,
            "loss_weight" to preconditioning::weight,
          )
        golden.getValue("sigma").forEachIndexed { i, sigma ->
          for ((name, factor) in factors) {
            val expected = golden.getValue(name)[i]
            withClue("$name at $sigma") { factor(sigma) shouldBe (expected plusOrMinus 1e-5 * abs(expected)) }
          }
          preconditioning.condition(sigma) shouldBe (golden.getValue("c_noise")[i] plusOrMinus 1e-6)
        }
      }
    }

    test("the grids are the reference's") {
      NDManager.newBaseManager().use { manager ->
        val golden = Golden.packed.tensors(manager, "edm2/schedule").mapValues { it.value.doubles() }
        val names = golden.keys.filter { it.endsWith("_exact_float64") }
        names.isEmpty() shouldBe false
        for (name in names) {
          val exact = golden.getValue(name)
          val stored = golden.getValue(name.removeSuffix("_exact_float64"))
          schedule.sigmas(exact.size - 1).forEachIndexed { i, sigma ->
            withClue("$name, $i") {
              sigma shouldBe (exact[i] plusOrMinus 1e-12 * exact[i])
              sigma shouldBe (stored[i] plusOrMinus 1e-6 * stored[i])
            }
          }
        }
      }
    }

    test("what the network sees and what it is asked for have variance 1 at every level") {
      for (sigma in listOf(0.002, 0.05, 0.5, 3.0, 80.0)) {
        val level = preconditioning.at(sigma)
        level.signal() * level.signal() * 0.25 + level.noise() * level.noise() shouldBe (1.0 plusOrMinus 1e-12)
        level.targetSignal() * level.targetSignal() * 0.25 + level.targetNoise() * level.targetNoise() shouldBe
          (1.0 plusOrMinus 1e-12)
        // For pixels of variance 0.25 that know nothing of each other, F has nothing to predict linearly.
        level.linearError(0.25) shouldBe (1.0 plusOrMinus 1e-12)
      }
    }

    test("a grid of one step begins at the most noise") {
      schedule.sigmas(1).shouldBeWithin(1e-12, doubleArrayOf(80.0, 0.0))
    }

    test("the process tells what its factors and grid say, whatever its ends") {
      val process = scheduler(options("uncertainty" to "none"), RecordedNoise())
      process.condition() shouldBe NoiseCondition.LOG_SIGMA
      process.conditionAt(3.0) shouldBe (ln(3.0) / 4 plusOrMinus 1e-12)
      process.at(3.0) shouldBe preconditioning.at(3.0)
      process.samplingLevels(18) shouldBe schedule.sigmas(18).copyOf(18)
      scheduler(options("sigmaMin" to 0.5, "sigmaMax" to 0.9, "uncertainty" to "none"), RecordedNoise())
        .levelEdges() shouldBe doubleArrayOf(0.5, 0.9)
    }

    test("bins lie between the ends of the grid, about two to a power of ten") {
      LevelEdges.between(0.002, 80.0).toList() shouldBe listOf(0.002, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 80.0)
    }
  })
