package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.golden
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

/** Samplers in sigma: the recorded trajectories of `edm2`, and a problem whose solution is known. */
class SigmaSolverSpec :
  FunSpec({
    /** Follows a recorded trajectory; states within [tolerance] of the largest expected value, or of 1. */
    fun follow(set: GoldenSet, name: String, sNoise: Double, tolerance: Double, grid: (DoubleArray) -> DoubleArray) =
      NDManager.newBaseManager().use { manager ->
        val golden = set.tensors(manager, "edm2/$name")
        val eta = set.json("edm2/$name")["eta"].asDouble
        val xs = golden.getValue("xs")
        val sigmas = grid(golden.getValue("sigmas").doubles())
        val steps = sigmas.size - 1
        val draws = if (eta == 0.0) arrayOf() else Array(steps) { golden.getValue("step_noise").get(it.toLong()) }
        val noise = RecordedNoise(*draws)
        val states = mutableListOf<DoubleArray>()
        val sampling = Sampling(steps, noise) { _, state -> states += state.doubles() }
        val solver = HeunSolver(HeunSolver.Options(eta, 0.01, 1.0, sNoise, true))
        // D(x, s) = 0.9 x/(1+s²) + 0.05 sin(x)
        val estimate = ImageEstimate { x, s -> x.mul(0.9 / (1 + s * s)).add(x.sin().mul(0.05)) }
        val start = golden.getValue("initial_noise").toType(DataType.FLOAT64, true).mul(sigmas[0])
        solver.solve(estimate, sigmas, start, sampling)
        noise.remaining() shouldBe 0
        states.size shouldBe steps
        for (i in 0 until steps) {
          val expected = xs.get(i + 1L).doubles()
          val scale = max(1.0, expected.maxOf { abs(it) })
          withClue("after step $i") { states[i].shouldBeWithin(tolerance * scale, expected) }
        }
        val pixels = states.last().map { (it + 1) / 2 }.toDoubleArray()
        pixels.shouldBeWithin(tolerance, golden.getValue("samples").doubles())
      }

    for (name in listOf("sample_eta0", "sample_eta05", "sample_eta1")) {
      golden("Heun follows $name", "edm2/$name") { set ->
        follow(set, name, 1.007f.toDouble(), 1e-9) { it }
      }

      golden("Heun with exact constants stays near $name", "edm2/$name") { set ->
        follow(set, name, 1.007, 1e-4) { KarrasSchedule(0.002, 80.0, 7.0).sigmas(it.size - 1) }
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
