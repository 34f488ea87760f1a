package io.github.diffusionhost.app.selftest.check

import io.github.diffusionhost.app.run.SteppedTraining
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.difference
import io.github.diffusionhost.app.selftest.golden.PublishedTraining
import io.github.diffusionhost.app.selftest.norm
import io.github.diffusionhost.app.selftest.part
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums

/**
 * Twenty steps with optimizer, clipping and average: of a published training against its records, and of each recipe
 * against the same steps on the CPU, operation by operation.
 */
internal class TrainingCheck : SelfCheck {
  override val area = "training"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    part("published R3", found) { published(subject, found) }
    if (subject.quick) return
    for (recipe in SmallRecipe.ALL) part(recipe.name, found) { compare(subject, recipe, found) }
  }

  private fun published(subject: Subject, found: (Measured) -> Unit) {
    for ((way, execution) in if (subject.quick) COMPILED else subject.ways) {
      val differences = PublishedTraining(subject, execution).differences()
      found(Measured.of(area, "published R3, losses, $way", differences.loss, 1e-4))
      found(Measured.of(area, "published R3, norms of gradients, $way", differences.norm, 1e-3))
      found(Measured.of(area, "published R3, weights, $way", differences.weights, 2e-5))
      found(Measured.of(area, "published R3, average, $way", differences.average, 2e-5))
    }
  }

  private fun compare(subject: Subject, recipe: SmallRecipe, found: (Measured) -> Unit) {
    val config = recipe.config(subject)
    val right =
      recipe.onImages(subject, config, subject.host) { data ->
        SteppedTraining(subject.assembly, config, data, subject.host, Execution.EAGER, { s, _ -> EagerStep(s) })
          .use(::course)
      }
    // On the CPU the steps operation by operation are those that are compared with.
    val ways = if (subject.device.isGpu) subject.ways else COMPILED
    for ((way, execution) in ways) {
      val own =
        recipe.onImages(subject, config, subject.manager) { data ->
          SteppedTraining(subject.assembly, config, data, subject.manager, execution, subject::step).use(::course)
        }
      val losses = own.losses.indices.maxOf { difference(own.losses[it], right.losses[it]) }
      found(Measured.of(area, "${recipe.name}, losses, $way", losses, LOSSES))
      found(Measured.of(area, "${recipe.name}, changes of weights, $way", changes(own.weights, right), CHANGES))
      found(Measured.of(area, "${recipe.name}, changes of the average, $way", averages(own, right), CHANGES))
    }
  }

  /** What a training was like. */
  private class Course(
    val start: Map<String, FloatArray>,
    val losses: List<Double>,
    val weights: Map<String, FloatArray>,
    val average: Map<String, FloatArray>,
  )

  private fun course(training: SteppedTraining): Course {
    val start = training.network.values()
    val losses =
      List(SmallRecipe.STEPS) {
        training.step.restart(StepSums.NONE)
        training.step()
        training.step.sums().loss()
      }
    val average = training.averages[0].weights().values().mapValues { it.value.toFloatArray() }
    return Course(start, losses, training.network.values(), average)
  }

  private fun changes(own: Map<String, FloatArray>, right: Course) = distance(own, right.weights, right.start)

  private fun averages(own: Course, right: Course) = distance(own.average, right.average, right.start)

  /** How far two ends are apart, as a share of the way from the start. */
  private fun distance(
    end: Map<String, FloatArray>,
    right: Map<String, FloatArray>,
    start: Map<String, FloatArray>,
  ): Double {
    fun between(a: Map<String, FloatArray>, b: Map<String, FloatArray>) =
      norm(a.map { (name, x) -> b.getValue(name).let { y -> DoubleArray(x.size) { x[it].toDouble() - y[it] } } })
    return between(end, right) / between(right, start)
  }

  private companion object {
    val COMPILED = mapOf("compiled" to Execution.COMPILED)
    const val LOSSES = 1e-3
    const val CHANGES = 1e-2
  }
}
