package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Block
import io.github.diffusionhost.api.model.ParameterNames
import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.app.config.bind.BoundScheduler
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.engine.network.Network

/** What the names of a scheduler's own weights begin with in a run's checkpoints. */
internal const val OF_SCHEDULER = "scheduler."

/**
 * A run's network as files of other programs have it: the network's tensors in one place, and in another those that the
 * scheduler trains.
 *
 * @property network the network's parameters
 * @property scheduler the scheduler's parameters, without `scheduler.`
 * @property constants tensors of the reference implementation that carry nothing and are passed over
 */
internal class ForeignParts(
  val network: Map<String, NDArray>,
  val scheduler: Map<String, NDArray>,
  val constants: Set<String>,
) {
  fun schedulerShape(name: String): Shape = scheduler.getValue(name).shape

  companion object {
    fun of(network: Network): ForeignParts {
      val trainable = trainedBy(network.scheduler())
      val own = trainable?.let { ParameterNames.of(it).mapValues { (_, parameter) -> parameter.array } }.orEmpty()
      val all = network.weights().values()
      return ForeignParts(
        all.filterKeys { it.removePrefix(OF_SCHEDULER) !in own || !it.startsWith(OF_SCHEDULER) },
        own,
        network.denoiser().referenceConstants(),
      )
    }
  }
}

private fun trainedBy(scheduler: Scheduler): Block? = inPluginOf(scheduler) { scheduler.trainable() }

/** Settings, each of which alone makes a scheduler train nothing of its own: `scheduler.uncertainty=none`. */
internal fun <O : Record> BoundScheduler<O>.settingsThatTrainNothing(context: SchedulerContext): List<String> {
  val spec = OptionsSpec.of(options)
  return spec.options().flatMap { option ->
    val type = option.type()
    val values: Map<String, Any> =
      when (type) {
        is OptionType.Choice -> type.names().associateWith { it }
        is OptionType.Flag -> mapOf("true" to true, "false" to false)
        else -> emptyMap()
      }
    values
      .filterValues { value ->
        runCatching { trainedBy(BoundScheduler(provider, spec.create(mapOf(option.name() to value))).create(context)) }
          .let { it.isSuccess && it.getOrNull() == null }
      }
      .keys
      .map { "$OF_SCHEDULER${option.name()}=$it" }
  }
}
