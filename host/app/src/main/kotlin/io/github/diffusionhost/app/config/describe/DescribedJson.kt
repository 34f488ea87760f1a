package io.github.diffusionhost.app.config.describe

import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.app.config.bind.ProviderDescription
import io.github.diffusionhost.app.config.bind.properties
import io.github.diffusionhost.app.config.source.json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** A provider's description for programs; `options` holds a JSON schema for each option. */
internal fun describedJson(provider: ProviderDescription): JsonObject = buildJsonObject {
  put("name", provider.name)
  put("kind", provider.kind.label())
  put("summary", provider.summary)
  put("options", options(provider.spec.options()))
  put("presets", JsonObject(provider.presets.mapValues { json(it.value) }))
  put("recommendedTraining", JsonObject(provider.recommendedTraining.mapValues { json(it.value) }))
  val samplers =
    provider.samplers.map {
      buildJsonObject {
        put("name", it.name)
        put("summary", it.summary)
        put("defaultSteps", it.defaultSteps)
        put("options", options(it.spec.options()))
      }
    }
  put("samplers", JsonArray(samplers))
}

private fun options(options: List<OptionSpec>) = JsonObject(properties(options))
