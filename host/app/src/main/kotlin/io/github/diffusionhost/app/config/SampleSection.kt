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
import io.github.diffusionhost.app.config.source.json
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.config.source.toNode
import io.github.diffusionhost.app.config.source.valueNode
import io.github.diffusionhost.app.config.source.words
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.nearest
import io.github.diffusionhost.engine.options.SampleOptions
import org.slf4j.Logger
import org.slf4j.LoggerFactory

private const val SAMPLER = "sampler"
private const val STEPS = "steps"

/** The `sample` section: the engine's options, and beside them those of the sampler that it names. */
internal class SampleSection(
  private val sources: ConfigSources,
  private val binder: OptionBinder,
  private val errors: ConfigErrors,
) {
  fun bind(scheduler: BoundScheduler<*>?, shape: ImageShape?): Pair<SampleOptions, BoundSampler>? {
    val samplers = scheduler?.let { samplers(it, shape) }
    val node = merged(samplers.orEmpty()) ?: return null
    val sample = binder.record(SAMPLE, node.only(SAMPLE.options().names()), "sample", sources.place("sample"))
    val factory = samplers?.let { factory(scheduler, it, node[SAMPLER]) } ?: return null
    val sampler = own(factory, node) ?: return null
    val steps = sample?.steps ?: factory.defaultSteps()
    return sample?.let {
      SampleOptions(factory.name(), steps, it.count, it.guidance, it.labels, it.realImages) to sampler
    }
  }

  /** A layer that changes to another sampler drops what was meant for the one before: its options and its steps. */
  private fun merged(samplers: List<SamplerFactory<*>>): Mapping? {
    val start: ConfigNode = SampleOptions.DEFAULTS.toNode(Location.BuiltIn("defaults"))
    return sources.section("sample").fold(start) { weak, layer ->
      val before = (weak as? Mapping)?.get(SAMPLER) as? Scalar
      val chosen = layer.given(SAMPLER) as? Scalar
      val changes = chosen != null && before != null && !before.isNull && before.text != chosen.text
      if (!changes || weak !is Mapping) return@fold apply(weak, layer, "sample", errors)
      val general = SAMPLE.options().names() - STEPS
      warnOfDropped(
        weak.without(general + layer.keys()),
        samplers.find { it.name() == before.text },
        before.text,
        chosen.text,
      )
      apply(weak.only(general), layer, "sample", errors)
    } as? Mapping
  }

  /** Names what a person has chosen, which the sampler before would not have done anyway. */
  private fun warnOfDropped(options: Mapping, sampler: SamplerFactory<*>?, before: String, now: String) {
    val usual = sampler?.let { inPluginOf(it) { it.defaults() to it.defaultSteps() } }
    val nodes = usual?.first?.toNode(options.location)
    val dropped =
      options.entries
        .filterNot { (key, entry) ->
          val plain = if (key == STEPS) usual?.let { valueNode(it.second, options.location) } else nodes?.get(key)
          entry.value.isAbsent || (plain != null && json(plain) == json(entry.value))
        }
        .keys
    if (dropped.isEmpty()) return
    LOG.warn(
      "sample.sampler is {} and not {} any more, whose options are dropped: {}",
      printable(now),
      printable(before),
      dropped.joinToString(", ") { "sample.${printable(it)}" },
    )
  }

  private fun samplers(scheduler: BoundScheduler<*>, shape: ImageShape?): List<SamplerFactory<*>>? =
    try {
      samplersOf(scheduler, shape)
    } catch (e: UserError) {
      errors.add(sources.place("scheduler"), "scheduler", e.cause?.message ?: e.message.orEmpty())
      null
    } catch (e: IllegalArgumentException) {
      errors.add(sources.place("scheduler"), "scheduler", "the scheduler cannot be made: ${e.message}")
      null
    }

  private fun factory(
    scheduler: BoundScheduler<*>,
    samplers: List<SamplerFactory<*>>,
    name: ConfigNode?,
  ): SamplerFactory<*>? {
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

  private companion object {
    val LOG: Logger = LoggerFactory.getLogger(SampleSection::class.java)
  }
}
