package io.github.diffusionhost.app.selftest.check

import io.github.diffusionhost.app.run.SteppedTraining
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.difference
import io.github.diffusionhost.app.selftest.norm
import io.github.diffusionhost.app.selftest.part
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.step.StepSums

/** Steps in bfloat16 against those in float32 on the same device. */
internal class PrecisionCheck : SelfCheck {
  override val area = "bfloat16"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    for (recipe in
      if (subject.quick) listOf(SmallRecipe.R3) else listOf(SmallRecipe.R1, SmallRecipe.R3, SmallRecipe.R4_E)) {
      part(recipe.name, found) { compare(subject, recipe, found) }
    }
  }

  private fun compare(subject: Subject, recipe: SmallRecipe, found: (Measured) -> Unit) {
    val config = recipe.config(subject)
    val (exact, rounded) =
      listOf(Precision.FP32, Precision.BF16).map { precision ->
        recipe.onImages(subject, config, subject.manager) { data ->
          val execution = Execution(precision, true)
          SteppedTraining(subject.assembly, config, data, subject.manager, execution, subject::step).use { training ->
            List(STEPS) {
              training.step.restart(StepSums.NONE)
              training.step()
              training.step.sums()
            }
          }
        }
      }
    val losses = exact.indices.maxOf { difference(rounded[it].loss(), exact[it].loss()) }
    val norm = difference(rounded[0].gradientNorm(), exact[0].gradientNorm())
    found(Measured.of(area, "${recipe.name}, losses of $STEPS steps", losses, LOSS))
    found(Measured.of(area, "${recipe.name}, norm of the first gradient", norm, NORM))
  }

  private companion object {
    const val STEPS = 5

    /** Several times what rounding to 8 bits does to products that are added up. */
    const val LOSS = 2e-2
    const val NORM = 5e-2
  }
}
