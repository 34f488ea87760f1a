package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.outOfMemory
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.sample.SamplingTrial
import io.github.diffusionhost.engine.train.TrainListener
import io.github.diffusionhost.engine.train.TrainingPlan
import org.slf4j.LoggerFactory

/** What becomes of a sampling that fails: before a training it is an error, during one a warning. */
internal class SamplingFaults(config: RunConfig, private val faults: PluginFaults) {
  private val log = LoggerFactory.getLogger(SamplingFaults::class.java)
  private val sampler = "sampler ${config.sampler.name}"

  /**
   * Takes the first two steps of a sampling.
   *
   * @param resume a run that is gone on with is trained all the same: its checkpoints can be sampled later
   * @throws UserError if that fails
   */
  fun tryOut(plan: TrainingPlan, resume: Boolean) {
    try {
      SamplingTrial.run(plan.samples(), plan.network(), ImageSpec.of(plan.dataset()))
    } catch (e: Throwable) {
      val what = "$sampler, tried for two steps before the training: ${words(e)}"
      if (!resume) throw UserError(what, ExitCode.FAILED, e)
      log.warn("{}; the run goes on without samples", what)
    }
  }

  private fun words(e: Throwable) = faults.words(e) ?: outOfMemory(e) ?: "$e"

  /** Warns of samplings that fail, and tells [next] everything. */
  fun warning(next: TrainListener): TrainListener =
    object : TrainListener by next {
      override fun unsampled(step: Long, fault: Throwable) {
        log.warn("no samples after step {}; the training goes on: {}: {}", step, sampler, words(fault))
        log.debug("the fault", fault)
        next.unsampled(step, fault)
      }
    }
}
