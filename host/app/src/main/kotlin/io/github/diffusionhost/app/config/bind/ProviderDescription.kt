package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.app.plugins.KnownProvider
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.words.UserError

/**
 * What there is to know about a provider without making anything but its samplers.
 *
 * @property presets options by preset, in the provider's order
 * @property recommendedTraining a model's keys of `train`, with what it sets them to
 * @property samplers a scheduler's samplers, the default first
 */
class ProviderDescription(
  val name: String,
  val kind: ProviderKind,
  val summary: String,
  val spec: OptionsSpec<*>,
  val presets: Map<String, Record>,
  val recommendedTraining: Map<String, String>,
  val samplers: List<SamplerDescription>,
)

/** What there is to know about a sampler. */
class SamplerDescription(val name: String, val summary: String, val defaultSteps: Int, val spec: OptionsSpec<*>)

/**
 * Describes a provider.
 *
 * @throws UserError if its options cannot be described, which is the plugin's fault
 */
fun <O : Record> describe(known: KnownProvider<O>): ProviderDescription =
  try {
    val provider = known.provider
    inPluginOf(provider) {
      ProviderDescription(
        known.name,
        known.kind,
        known.summary,
        known.options,
        known.presets,
        (provider as? ModelProvider<*>)?.recommendedTraining().orEmpty(),
        (provider as? SchedulerProvider<*>)
          ?.let { samplersOf(withDefaults(it, known.defaults), null).map { f -> describe(f) } }
          .orEmpty(),
      )
    }
  } catch (e: RuntimeException) {
    throw undescribed(known, "${e.message ?: e}", e)
  } catch (e: LinkageError) {
    throw undescribed(known, "$e", e)
  }

private fun undescribed(provider: KnownProvider<*>, why: String, e: Throwable) =
  UserError("${provider.name} cannot be described: $why", cause = e)

@Suppress("UNCHECKED_CAST") // the defaults are the provider's own
private fun <O : Record> withDefaults(provider: SchedulerProvider<O>, defaults: Record) =
  BoundScheduler(provider, defaults as O)

private fun <O : Record> describe(factory: SamplerFactory<O>) =
  SamplerDescription(factory.name(), factory.summary(), factory.defaultSteps(), OptionsSpec.of(factory.defaults()))
