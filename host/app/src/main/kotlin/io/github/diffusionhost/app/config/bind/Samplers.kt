package io.github.diffusionhost.app.config.bind

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.app.plugins.inPluginOf

/** The images that a scheduler is asked about while a config is read, before any dataset is open. */
private val STAND_IN = ImageShape(3, 32, 32)

/**
 * The samplers of a scheduler. Their names and options do not depend on the images.
 *
 * @param shape the images, if known
 * @throws RuntimeException if the scheduler refuses its options
 */
internal fun samplersOf(scheduler: BoundScheduler<*>, shape: ImageShape?): List<SamplerFactory<*>> {
  val made = schedulerOf(scheduler, shape)
  return inPluginOf(made) { made.samplers() }.also { require(it.isNotEmpty()) { "the scheduler has no samplers" } }
}

/**
 * A scheduler to be asked and not trained.
 *
 * @param shape the images, if known
 * @throws RuntimeException if the scheduler refuses its options
 */
internal fun schedulerOf(scheduler: BoundScheduler<*>, shape: ImageShape?): Scheduler =
  scheduler.create(SchedulerContext(shape ?: STAND_IN, NoDraws))

/** Nothing is drawn while a config is read. */
private object NoDraws : Noise {
  override fun normal(shape: Shape): NDArray = refuse()

  override fun uniform(shape: Shape): NDArray = refuse()

  private fun refuse(): Nothing = throw IllegalStateException("a scheduler draws numbers while it is made")
}
