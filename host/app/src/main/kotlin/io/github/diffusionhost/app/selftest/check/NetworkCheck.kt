package io.github.diffusionhost.app.selftest.check

import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.difference
import io.github.diffusionhost.app.selftest.golden.GoldenDit
import io.github.diffusionhost.app.selftest.golden.GoldenEdm2
import io.github.diffusionhost.app.selftest.golden.GoldenNetwork
import io.github.diffusionhost.app.selftest.golden.GoldenUnet
import io.github.diffusionhost.app.selftest.golden.ReplayedNoise
import io.github.diffusionhost.app.selftest.norm
import io.github.diffusionhost.app.selftest.part
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.golden.SampledTensors
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.scope.NoGradientScope
import io.github.diffusionhost.engine.step.TrainingSetup
import kotlin.math.max

/** Outputs, losses and every gradient of small networks, against those of reference implementations. */
internal class NetworkCheck : SelfCheck {
  override val area = "networks"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    val all =
      mapOf(
        "transformer" to { GoldenDit.batch(subject, subject.manager) },
        "U-Net, class_cond" to { GoldenUnet.batch(subject, subject.manager, "class_cond") },
        "U-Net, google_style" to { GoldenUnet.batch(subject, subject.manager, "google_style") },
        "EDM2, config C" to { GoldenEdm2.batch(subject, subject.manager) },
      )
    for ((name, make) in if (subject.quick) all.entries.take(1) else all.entries) {
      part(name, found) { compare(subject, make, found) }
    }
  }

  private fun compare(subject: Subject, make: () -> GoldenNetwork, found: (Measured) -> Unit) {
    make().use { golden -> found(Measured.of(area, "${golden.name}, outputs", output(golden), golden.bound)) }
    for ((way, execution) in subject.ways) {
      make().use { golden ->
        val before = golden.network.values()
        val loss =
          subject.step(descent(golden), execution).use { step ->
            step.run(0, RATE)
            step.sums().loss()
          }
        val after = golden.network.values()
        found(Measured.of(area, "${golden.name}, loss, $way", difference(loss, golden.loss), 1e-4))
        found(Measured.of(area, "${golden.name}, gradients, $way", gradients(golden, before, after), 5e-4))
      }
    }
  }

  private fun output(golden: GoldenNetwork): Double {
    NoGradientScope().use { scope ->
      scope.suppressNotUsedWarning()
      val pass = Forward.of(golden.network.weights().store(), false, ReplayedNoise())
      val inputs = golden.inputs
      val output = golden.network.predict(pass, inputs.x, inputs.condition, inputs.labels).values()
      return golden.output.indices.maxOf { kotlin.math.abs(output[it] - golden.output[it]) }
    }
  }

  /** Plain descent at a rate so large that what a step changes is the gradient. */
  private fun descent(golden: GoldenNetwork): TrainingSetup {
    val options = OptimizerOptions(OptimizerOptions.Kind.SGD, RATE, listOf(0.9, 0.999), 1e-8, 0.0, 0.0)
    val optimizer = OptimizerState.of(options, golden.network.trainable())
    return TrainingSetup(golden.network, golden.batches, golden.size, golden.size, optimizer, 0.0, listOf())
  }

  /** The largest difference in any gradient, as a share of the largest value of it, or of a small one of all. */
  private fun gradients(
    golden: GoldenNetwork,
    before: Map<String, FloatArray>,
    after: Map<String, FloatArray>,
  ): Double {
    val right = golden.gradients
    val global = norm(right.names().map { doubleArrayOf(right.l2(it)) })
    return right.names().maxOf { name ->
      val start = before[golden.ownName(name)]
      val end = after[golden.ownName(name)]
      if (start == null || end == null) Double.POSITIVE_INFINITY
      else {
        val gradient = FloatArray(end.size) { ((start[it].toDouble() - end[it]) / RATE).toFloat() }
        val whole =
          kotlin.math.abs(SampledTensors.norm(gradient) - right.l2(name)) / max(right.l2(name), SMALL * global)
        max(whole, right.difference(name, gradient) / max(right.absMax(name), SMALL * global))
      }
    }
  }

  private companion object {
    const val RATE = 1e4
    const val SMALL = 2e-4
  }
}
