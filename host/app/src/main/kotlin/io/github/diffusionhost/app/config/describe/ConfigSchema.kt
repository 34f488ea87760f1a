package io.github.diffusionhost.app.config.describe

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.config.FROM
import io.github.diffusionhost.app.config.STARTING_WEIGHTS
import io.github.diffusionhost.app.config.bind.GENERAL
import io.github.diffusionhost.app.config.bind.METRIC
import io.github.diffusionhost.app.config.bind.NONE
import io.github.diffusionhost.app.config.bind.NO_DATASET
import io.github.diffusionhost.app.config.bind.PRESET
import io.github.diffusionhost.app.config.bind.ProviderDescription
import io.github.diffusionhost.app.config.bind.SAMPLE
import io.github.diffusionhost.app.config.bind.SamplerDescription
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.TRAIN
import io.github.diffusionhost.app.config.bind.USE
import io.github.diffusionhost.app.config.bind.closed
import io.github.diffusionhost.app.config.bind.properties
import io.github.diffusionhost.app.config.bind.words
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/**
 * The JSON schema (draft 2020-12) of a run's config, from the options of the installed providers: an editor that has it
 * completes and explains every key.
 */
internal class ConfigSchema(private val providers: List<ProviderDescription>) {
  fun schema(): JsonObject = buildJsonObject {
    put("\$schema", "https://json-schema.org/draft/2020-12/schema")
    put("title", "A run of Diffusion Host")
    closed(sections()).forEach { (key, value) -> put(key, value) }
    put("allOf", JsonArray(providers.filter { it.samplers.isNotEmpty() }.map(::sampling)))
    put("\$defs", JsonObject(providers.associate { definition(it) to options(it) }))
  }

  private fun sections(): Map<String, JsonElement> = buildMap {
    putAll(properties(GENERAL))
    put(
      "device",
      JsonObject(getValue("device") as JsonObject + ("pattern" to JsonPrimitive("^(${DeviceChoice.PATTERN})$"))),
    )
    put("model", role(ProviderKind.MODEL))
    put("scheduler", role(ProviderKind.SCHEDULER))
    put("dataset", role(ProviderKind.DATASET))
    put("train", described("how the network is trained", closed(properties(TRAIN.options()) + (FROM to from()))))
    put(
      "sample",
      buildJsonObject {
        put("description", "what is sampled; the options of the sampler stand beside these")
        put("type", "object")
        put("properties", JsonObject(properties(SAMPLE.options())))
      },
    )
    put(
      "metrics",
      buildJsonObject {
        put("description", "what is measured while the network trains")
        put("type", "array")
        put("items", role(ProviderKind.METRIC))
      },
    )
    put(TRACKER, trackers())
  }

  /** A path, or one with its options. */
  private fun from(): JsonObject {
    val path = properties(STARTING_WEIGHTS).getValue("path")
    val whole = closed(properties(STARTING_WEIGHTS), listOf("path"))
    return JsonObject(
      mapOf(
        "description" to JsonPrimitive("the weights that a new training begins with"),
        "anyOf" to JsonArray(listOf(path, whole, JsonObject(mapOf("type" to JsonPrimitive("null"))))),
      )
    )
  }

  /** A tracker by name or with options, or a list of these. */
  private fun trackers(): JsonObject {
    val names = buildJsonObject {
      put("description", "a tracker by name, with its defaults")
      put("enum", words(providers.filter { it.kind == ProviderKind.TRACKER }.map { it.name }))
    }
    val one = JsonObject(mapOf("anyOf" to JsonArray(listOf(names, role(ProviderKind.TRACKER)))))
    val several = JsonObject(mapOf("type" to JsonPrimitive("array"), "items" to one))
    return JsonObject(
      mapOf(
        "description" to JsonPrimitive("where else the run is recorded: one tracker, or a list of them"),
        "anyOf" to JsonArray(listOf(names, role(ProviderKind.TRACKER), several)),
      )
    )
  }

  /** A section whose `use` decides which other keys it has. */
  private fun role(kind: ProviderKind): JsonObject {
    val choices = providers.filter { it.kind == kind }
    val none = if (kind == ProviderKind.DATASET) listOf(NONE) else emptyList()
    val summaries = choices.map { "${it.name}: ${it.summary}" } + none.map { "$it: no images, only their shape" }
    return buildJsonObject {
      put("description", "the ${kind.label()} by name, with its options")
      put("type", "object")
      put(
        "properties",
        JsonObject(
          mapOf(
            USE to
              buildJsonObject {
                put("description", summaries.joinToString("; "))
                put("enum", words(choices.map { it.name } + none))
              }
          )
        ),
      )
      put("required", words(listOf(USE)))
      val cases = choices.map { case(it.name, reference(definition(it))) } + none.map { case(it, noDataset()) }
      if (cases.isNotEmpty()) put("allOf", JsonArray(cases))
    }
  }

  private fun case(name: String, then: JsonObject) = buildJsonObject {
    put("if", has(USE, name))
    put("then", then)
  }

  private fun options(provider: ProviderDescription): JsonObject {
    val more = if (provider.kind == ProviderKind.METRIC) properties(METRIC) else emptyMap()
    val preset = buildJsonObject {
      put("description", "a named set of options; the keys beside it count more")
      put("enum", words(provider.presets.keys))
    }
    val presets = if (provider.presets.isEmpty()) emptyMap() else mapOf(PRESET to preset)
    val use = mapOf(USE to constant(provider.name))
    return closed(properties(provider.spec.options()) + more + presets + use)
  }

  private fun noDataset() =
    closed(
      mapOf(USE to constant(NONE)) +
        properties(NO_DATASET).mapValues { (name, schema) ->
          // The shape has no default, for it must be given.
          if (name == "shape")
            JsonObject(schema - "default" + mapOf("minItems" to JsonPrimitive(3), "maxItems" to JsonPrimitive(3)))
          else schema
        },
      listOf("shape"),
    )

  /** Under this scheduler `sample` has the keys of the sampler that it names, or of the first one. */
  private fun sampling(scheduler: ProviderDescription) = buildJsonObject {
    put("if", section("scheduler", has(USE, scheduler.name)))
    put("then", JsonObject(mapOf("properties" to JsonObject(mapOf("sample" to samplers(scheduler.samplers))))))
  }

  private fun samplers(samplers: List<SamplerDescription>) = buildJsonObject {
    val names = samplers.map { JsonPrimitive(it.name) }
    val summaries = samplers.joinToString("; ") { "${it.name}: ${it.summary}" }
    val choice = buildJsonObject {
      put("description", summaries)
      put("enum", JsonArray(names + JsonNull))
    }
    val cases = samplers.map { sampler ->
      buildJsonObject {
        put("if", has("sampler", sampler.name))
        put("then", closed(ownKeys(sampler, choice)))
      }
    }
    val unnamed = buildJsonObject {
      put("if", JsonObject(mapOf("not" to JsonObject(mapOf("required" to words(listOf("sampler")))))))
      put("then", closed(ownKeys(samplers.first(), choice)))
    }
    put("properties", JsonObject(mapOf("sampler" to choice)))
    put("allOf", JsonArray(cases + unnamed))
  }

  private fun ownKeys(sampler: SamplerDescription, choice: JsonObject) =
    properties(sampler.spec.options()) + properties(SAMPLE.options()) + ("sampler" to choice)

  private fun definition(provider: ProviderDescription) = "${provider.kind.label()}.${provider.name}"

  private fun reference(definition: String) = buildJsonObject { put("\$ref", "#/\$defs/$definition") }

  private fun constant(value: String) = buildJsonObject { put("const", value) }

  private fun has(key: String, value: String) = section(key, constant(value))

  private fun section(key: String, schema: JsonObject) = buildJsonObject {
    put("properties", JsonObject(mapOf(key to schema)))
    put("required", words(listOf(key)))
  }

  private fun described(description: String, schema: JsonObject) =
    JsonObject(mapOf("description" to JsonPrimitive(description)) + schema)
}
