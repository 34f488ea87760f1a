package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe

/** A compiled step does what the step operation by operation does. */
class CompiledStepSpec :
  FunSpec({
    test("weights are renormalised before each step, compiled and operation by operation alike") {
      val weights =
        listOf(false, true).map { compiled ->
          NDManager.newBaseManager().use { manager ->
            val bench = Bench(manager, compiled, sgd(), denoiser = ::NormalizedDenoiser)
            // A rate of zero leaves what the renormalisation wrote.
            bench.run(0, lr = 0.0)
            val rows = bench.network.weights().values().getValue("hidden").toFloatArray().toList().chunked(32)
            rows.forEach { row -> row.sumOf { it.toDouble() * it } / row.size shouldBe (0.09 plusOrMinus 1e-4) }
            for (number in 1L until 20L) bench.run(number)
            bench.values()
          }
        }
      val (eager, compiled) = weights
      for ((name, values) in eager) compiled.getValue(name).shouldBeClose(values, 1e-5)
    }

    test("dropout draws the same zeros compiled and operation by operation, in parts and at once") {
      val losses =
        listOf(false to 1, true to 1, true to 4).map { (compiled, rounds) ->
          NDManager.newBaseManager().use { manager ->
            val bench = Bench(manager, compiled, sgd(), rounds = rounds, denoiser = ::DroppingDenoiser)
            List(5) { bench.run(it.toLong()).loss() }
          }
        }
      for (others in losses.drop(1)) {
        others.zip(losses[0]) { found, expected -> found shouldBe (expected plusOrMinus 1e-5 * expected) }
      }
    }
  })

/** Its hidden weights are normalised, row by row, before every step. */
private class NormalizedDenoiser(noise: Noise) : TinyDenoiser(noise) {
  override fun renormalized(pass: Forward): Map<Parameter, NDArray> =
    mapOf(hidden to Ops.rmsNorm(pass.value(hidden, hidden.array), null, 1e-12f).mul(0.3))
}

/** Forgets half of what it sees in training. */
private class DroppingDenoiser(noise: Noise) : TinyDenoiser(noise) {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray =
    super.predict(pass, if (pass.training()) Ops.dropout(x, 0.5, pass.noise()) else x, noiseCondition, labels)
}
