package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.ln
import kotlin.math.max
import kotlin.math.sqrt

/** Samplers in sigma: the recorded trajectories of `fixtures/edm2`, and a problem whose solution is known. */
class SigmaSolverSpec :
  FunSpec({
    for ((name, eta) in mapOf("sample_eta0" to 0.0, "sample_eta05" to 0.5, "sample_eta1" to 1.0)) {
      test("Heun follows $name").config(enabledOrReasonIf = { Golden.installed }) {
        NDManager.newBaseManager().use { manager ->
          val golden = Golden.tensors(manager, "edm2/$name")
          val xs = golden.getValue("xs")
          val sigmas = golden.getValue("sigmas").doubles()
          val steps = sigmas.size - 1
          val draws = if (eta == 0.0) arrayOf() else Array(steps) { golden.getValue("step_noise").get(it.toLong()) }
          val states = mutableListOf<DoubleArray>()
          val sampling = Sampling(steps, RecordedNoise(*draws)) { _, state -> states += state.doubles() }
          val solver = HeunSolver(HeunSolver.Options(eta, 0.01, 1.0, 1.007f.toDouble(), true))
          // D(x, s) = 0.9 x/(1+s²) + 0.05 sin(x)
          val estimate = ImageEstimate { x, s -> x.mul(0.9 / (1 + s * s)).add(x.sin().mul(0.05)) }
          solver.solve(estimate, sigmas, xs.get(0).duplicate(), sampling)
          states.size shouldBe steps
          for (i in 0 until steps) {
            val expected = xs.get(i + 1L).doubles()
            val scale = max(1.0, expected.maxOf { abs(it) })
            withClue("after step $i") {
              states[i].indices.maxOf { abs(states[i][it] - expected[it]) } <= 1e-9 * scale
            } shouldBe true
          }
        }
      }
    }

    /** Gaussian data of standard deviation s: D = x s²/(s²+σ²), and x(0) = x(σ) s/√(s²+σ²). */
    fun error(solver: SigmaSolver, steps: Int): Double =
      NDManager.newBaseManager().use { manager ->
        val s = 0.5
        val sigmas = KarrasSchedule(0.002, 80.0, 7.0).sigmas(steps)
        val noise = SeededNoise(manager, 1).normal(Shape(1, 1, 4, 4)).toType(DataType.FLOAT64, true)
        val start = noise.mul(sigmas[0])
        val expected = start.mul(s / sqrt(s * s + sigmas[0] * sigmas[0])).doubles()
        val estimate = ImageEstimate { x, sigma -> x.mul(s * s / (s * s + sigma * sigma)) }
        val found = solver.solve(estimate, sigmas, start, Sampling(steps, RecordedNoise(), Sampling.Listener.NONE))
        found.doubles().let { values -> values.indices.maxOf { abs(values[it] - expected[it]) } }
      }

    val solvers =
      mapOf(
        "heun" to (HeunSolver(HeunSolver.Options(0.0, 0.0, 0.0, 1.0, false)) to 1.8),
        "euler" to (EulerSolver(EulerSolver.Options(false)) to 0.9),
        "dpmpp-2m" to (Dpmpp2mSolver(Dpmpp2mSolver.Options(false)) to 1.8),
      )
    for ((name, solver) in solvers) {
      test("$name converges with its order on Gaussian data") {
        val order = ln(error(solver.first, 64) / error(solver.first, 256)) / ln(4.0)
        order shouldBeGreaterThan solver.second
      }
    }
  })
