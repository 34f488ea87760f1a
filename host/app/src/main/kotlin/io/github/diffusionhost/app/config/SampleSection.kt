package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.app.config.bind.BoundSampler
import io.github.diffusionhost.app.config.bind.BoundScheduler
import io.github.diffusionhost.app.config.bind.ConfigSources
import io.github.diffusionhost.app.config.bind.OptionBinder
import io.github.diffusionhost.app.config.bind.SAMPLE
import io.github.diffusionhost.app.config.bind.names
import io.github.diffusionhost.app.config.bind.samplersOf
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.apply
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.isNull
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.config.source.toNode
import io.github.diffusionhost.app.config.source.words
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.nearest
import io.github.diffusionhost.engine.options.SampleOptions

private const val SAMPLER = "sampler"

/** The `sample` section: the engine's options, and beside them those of the sampler that it names. */
internal class SampleSection(
  private val sources: ConfigSources,
  private val binder: OptionBinder,
  private val errors: ConfigErrors,
) {
  fun bind(scheduler: BoundScheduler<*>?, shape: ImageShape?): Pair<SampleOptions, BoundSampler>? {
    val node = merged() ?: return null
    val sample = binder.record(SAMPLE, node.only(SAMPLE.options().names()), "sample", sources.place("sample"))
    val factory = scheduler?.let { factory(it, shape, node[SAMPLER]) } ?: return null
    val sampler = own(factory, node) ?: return null
    val steps = sample?.steps ?: factory.defaultSteps()
    return sample?.let {
      SampleOptions(factory.name(), steps, it.count, it.guidance, it.labels, it.realImages) to sampler
    }
  }

  /** A layer that changes to another sampler drops what was meant for the one before: its options and its steps. */
  private fun merged(): Mapping? {
    val start: ConfigNode = SampleOptions.DEFAULTS.toNode(Location.BuiltIn("defaults"))
    return sources.section("sample").fold(start) { weak, layer ->
      val before = (weak as? Mapping)?.get(SAMPLER) as? Scalar
      val chosen = layer.given(SAMPLER) as? Scalar
      val changes = chosen != null && before != null && !before.isNull && before.text != chosen.text
      val kept = if (changes && weak is Mapping) weak.only(SAMPLE.options().names() - "steps") else weak
      apply(kept, layer, "sample", errors)
    } as? Mapping
  }

  private fun factory(scheduler: BoundScheduler<*>, shape: ImageShape?, name: ConfigNode?): SamplerFactory<*>? {
    val samplers =
      try {
        samplersOf(scheduler, shape)
      } catch (e: UserError) {
        errors.add(sources.place("scheduler"), "scheduler", e.cause?.message ?: e.message.orEmpty())
        return null
      } catch (e: IllegalArgumentException) {
        errors.add(sources.place("scheduler"), "scheduler", "the scheduler cannot be made: ${e.message}")
        return null
      }
    if (name.isAbsent) return samplers.first()
    val names = samplers.map { it.name() }
    val text = name?.words ?: return null
    return samplers.find { it.name() == text }
      ?: null.also {
        val problem = "${scheduler.provider.name()} has no sampler '${printable(text)}'"
        errors.add(
          name.location,
          "sample.sampler",
          problem,
          nearest(text, names),
          "samplers: ${names.joinToString(", ")}",
        )
      }
  }

  private fun <O : Record> own(factory: SamplerFactory<O>, node: Mapping): BoundSampler? {
    val spec = OptionsSpec.of(inPluginOf(factory) { factory.defaults() })
    val keys = SAMPLE.options().names()
    return binder.record(spec, node.without(keys), "sample", sources.place("sample"), keys)?.let {
      BoundSampler(factory.name(), it)
    }
  }
}
