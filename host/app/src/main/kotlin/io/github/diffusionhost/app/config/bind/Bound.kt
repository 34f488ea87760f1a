package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.TrackerProvider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.api.tracker.TrackedRun
import io.github.diffusionhost.api.tracker.Tracker
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.plugins.jar.PLUGIN
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.contract.DatasetTerms

/** A model with its options. */
data class BoundModel<O : Record>(val provider: ModelProvider<O>, val options: O) {
  /** @throws UserError if the options do not fit the images */
  fun create(context: ModelContext): Denoiser = provider.calling("create") { create(options, context) }
}

/** A noise process with its options. */
data class BoundScheduler<O : Record>(val provider: SchedulerProvider<O>, val options: O) {
  /** @throws UserError if the options do not fit the images */
  fun create(context: SchedulerContext): Scheduler = provider.calling("create") { create(options, context) }
}

/** Where the images come from. */
sealed interface DatasetChoice

/** A dataset with its options. */
data class BoundDataset<O : Record>(val provider: DatasetProvider<O>, val options: O) : DatasetChoice {
  /**
   * @throws java.io.IOException if files are missing or broken
   * @throws UserError if the options do not fit together
   */
  fun open(context: DatasetContext): ImageDataset {
    val opened = provider.calling("open") { open(options, context) }
    try {
      DatasetTerms(opened).check()
    } catch (e: Throwable) {
      runCatching { opened.close() }.onFailure(e::addSuppressed)
      throw e
    }
    return opened
  }
}

/** `use: none`: no images, only what a network needs to know about them. */
data class NoDataset(val shape: ImageShape, val classes: Int, val normalization: PixelNormalization) : DatasetChoice

/**
 * A metric with its options.
 *
 * @property everyImages how often in training; 0: only at the end
 * @property samples images to generate for each
 * @property best which of its numbers makes a checkpoint the best; null: it does not say
 * @property bestValue the name of that number; null: the first one
 */
data class BoundMetric<O : Record>(
  val provider: MetricProvider<O>,
  val everyImages: Cadence,
  val samples: Int,
  val options: O,
  val best: Best? = null,
  val bestValue: String? = null,
) {
  /**
   * @throws java.io.IOException if files that the metric needs cannot be had
   * @throws UserError if the options do not fit the images
   */
  fun create(context: MetricContext): Metric = provider.calling("create") { create(options, context) }
}

/** A tracker with its options. */
data class BoundTracker<O : Record>(val provider: TrackerProvider<O>, val options: O) {
  /** Begins to record a run; what this throws tells its caller what to do, see [TrackerProvider.start]. */
  fun start(run: TrackedRun): Tracker = inPluginOf(provider) { provider.start(options, run) }
}

/** A sampler by name with its options; the scheduler that it belongs to makes it. */
data class BoundSampler(val name: String, val options: Record) {
  /**
   * The sampler, from the scheduler of the run, for a number of steps.
   *
   * @throws UserError if the options do not fit the scheduler, or the steps the sampler
   */
  fun create(scheduler: Scheduler, steps: Int): Sampler {
    val factory = inPluginOf(scheduler) { scheduler.samplers() }.find { it.name() == name }
    if (factory == null || factory.defaults().javaClass != options.javaClass) {
      throw IllegalStateException("sampler $name belongs to another scheduler")
    }
    @Suppress("UNCHECKED_CAST") // the class was just compared
    return refusals("sampler $name") {
      inPluginOf(scheduler) { (factory as SamplerFactory<Record>).create(options).also { it.checkSteps(steps) } }
    }
  }
}

/** Calls plugin code; what it refuses becomes a message for the person who wrote the config. */
private inline fun <P : Provider<*>, T : Any> P.calling(call: String, block: P.() -> T?): T {
  val who = "${kind().label()} ${name()}"
  val plugin = javaClass.classLoader?.name?.takeIf { it.startsWith(PLUGIN) }?.let { " ($it)" }.orEmpty()
  return refusals("$who$plugin") { inPluginOf(this) { block() } }
    ?: throw UserError("$who$plugin, $call: it returned null, which it must not")
}

private inline fun <T> refusals(what: String, block: () -> T): T =
  try {
    block()
  } catch (e: IllegalArgumentException) {
    throw UserError("$what: ${e.message}", ExitCode.USAGE, e)
  }
