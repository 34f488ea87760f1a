package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.max

/** The denoiser of the recorded samplings. */
private fun smooth(x: NDArray, sigma: Double): NDArray = x.mul(0.9 / (1 + sigma * sigma)).add(x.sin().mul(0.05))

class SamplerTrajectorySpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    class Recorded(val name: String, val eta: Double) {
      val tensors = Golden.tensors(manager, "sample_$name")
      val json = Golden.json("sample_$name")
      val steps = json["steps"].asInt

      fun run(sigmas: DoubleArray, sNoise: Double): List<DoubleArray> {
        val heun = HeunSolver(HeunSolver.Options(eta, json["S_min"].asDouble, json["S_max"].asDouble, sNoise, true))
        val start = tensors.getValue("initial_noise").toType(DataType.FLOAT64, true).mul(sigmas[0])
        val states = mutableListOf(start.toDoubleArray())
        val draws =
          if (eta == 0.0) RecordedNoise()
          else RecordedNoise(*Array(steps) { tensors.getValue("step_noise").get(it.toLong()) })
        heun.solve(::smooth, sigmas, start, Sampling(steps, draws) { _, state -> states += state.toDoubleArray() })
        draws.remaining() shouldBe 0
        return states
      }

      fun compare(states: List<DoubleArray>, tolerance: Double) {
        states.size shouldBe steps + 1
        for ((i, state) in states.withIndex()) {
          val expected = tensors.getValue("xs").get(i.toLong()).toDoubleArray()
          withClue("after $i steps") { state.shouldBeWithin(tolerance * max(1.0, expected.maxOf(::abs)), expected) }
        }
        val pixels = states.last().map { (it + 1) / 2 }.toDoubleArray()
        pixels.shouldBeWithin(tolerance, tensors.getValue("samples").toDoubleArray())
      }
    }

    for ((name, eta) in listOf("eta0" to 0.0, "eta05" to 0.5, "eta1" to 1.0)) {
      test("Heun's method with eta $eta goes through the recorded states").config(
        enabledOrReasonIf = { Golden.installed }
      ) {
        val recorded = Recorded(name, eta)
        val sigmas = recorded.tensors.getValue("sigmas").toDoubleArray()
        recorded.compare(recorded.run(sigmas, recorded.json["S_noise_float32_as_float64"].asDouble), 1e-9)
      }

      test("Heun's method with eta $eta and exact constants stays near the recorded states").config(
        enabledOrReasonIf = { Golden.installed }
      ) {
        val recorded = Recorded(name, eta)
        recorded.compare(recorded.run(KarrasSchedule(0.002, 80.0, 7.0).sigmas(recorded.steps), 1.007), 1e-4)
      }
    }
  })
