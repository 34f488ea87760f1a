package io.github.diffusionhost.app.config.describe

import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.app.config.bind.ProviderDescription
import io.github.diffusionhost.app.terminal.textTable

/** A provider's description for a terminal. */
internal fun describedText(provider: ProviderDescription): String = buildString {
  append("${provider.name} (${provider.kind.label()}): ${provider.summary}\n")
  append(options("Options", provider.spec.options()))
  if (provider.presets.isNotEmpty()) {
    val rows = provider.presets.map { (name, options) -> listOf(name, differences(options, provider.spec)) }
    append("\nPresets\n").append(textTable(listOf("NAME", "WHERE IT DIFFERS FROM THE DEFAULTS"), rows))
  }
  if (provider.recommendedTraining.isNotEmpty()) {
    append("\nTraining that holds unless a config says otherwise\n")
    provider.recommendedTraining.forEach { (key, value) -> append("train.$key: $value\n") }
  }
  for (sampler in provider.samplers) {
    append(
      "\nSampler ${sampler.name}: ${sampler.summary}; ${sampler.defaultSteps} steps unless a config says otherwise\n"
    )
    if (sampler.spec.options().isNotEmpty()) append(optionTable(sampler.spec.options()))
  }
}

private fun options(title: String, options: List<OptionSpec>) =
  if (options.isEmpty()) "\nNo options\n" else "\n$title\n${optionTable(options)}"

private fun optionTable(options: List<OptionSpec>) =
  textTable(
    listOf("NAME", "DEFAULT", "TAKES", "MEANING"),
    optionRows(options).map { listOf(it.name, it.default ?: "null", it.takes, it.meaning) },
  )
