package io.github.diffusionhost.app.selftest.check

import io.github.diffusionhost.app.run.SteppedTraining
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.step.DivergedException

/** A loss that is no number is noticed, and changes no weight. */
internal class DivergenceCheck : SelfCheck {
  override val area = "divergence"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    val recipe = SmallRecipe.R3
    val config = recipe.config(subject)
    recipe.onImages(subject, config, subject.manager) { data ->
      SteppedTraining(subject.assembly, config, data, subject.manager, Execution.COMPILED, subject::step).use {
        it.step()
        it.step(Double.POSITIVE_INFINITY) // the weights of the next step are no numbers
        val broken = it.network.values()
        val noticed =
          try {
            it.step()
            it.step.sums()
            false
          } catch (_: DivergedException) {
            true // as it must be
          }
        val after = it.network.values()
        val changed =
          broken.entries.sumOf { (name, values) ->
            val now = after.getValue(name)
            values.indices.count { i -> values[i].toRawBits() != now[i].toRawBits() }
          }
        found(Measured.of(area, "losses that are no numbers and go unnoticed", if (noticed) 0.0 else 1.0, 0.0))
        found(Measured.of(area, "weights that such a step changes", changed.toDouble(), 0.0))
      }
    }
  }
}
