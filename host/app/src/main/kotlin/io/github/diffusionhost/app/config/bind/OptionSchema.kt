package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.app.config.source.json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

// `500_000` is a number here, and a text to an editor that follows the YAML core schema.
private const val WITH_UNDERSCORES = "^[-+]?[0-9]+(_[0-9]+)+$"

/** A section's keys, and no others. */
internal fun closed(properties: Map<String, JsonElement>, required: List<String> = emptyList()): JsonObject =
  buildJsonObject {
    put("type", "object")
    put("properties", JsonObject(properties))
    if (required.isNotEmpty()) put("required", words(required))
    put("additionalProperties", false)
  }

/** The JSON schema of each option by name. */
internal fun properties(options: List<OptionSpec>): Map<String, JsonObject> = options.associate {
  it.name() to optionSchema(it)
}

internal fun words(values: Collection<String>) = JsonArray(values.map(::JsonPrimitive))

private fun optionSchema(option: OptionSpec): JsonObject = buildJsonObject {
  put("description", option.doc())
  typed(option.type(), option.optional(), option.absent())
  if (option.type() !is OptionType.Group)
    put("default", json(option.defaultValue() ?: option.absent().ifEmpty { null }))
}

/** @param word what may be written for nothing, where numbers are asked for; empty: no word */
private fun JsonObjectBuilder.typed(type: OptionType, optional: Boolean, word: String = "") {
  val numbers = if (word.isEmpty()) WITH_UNDERSCORES else "$WITH_UNDERSCORES|^$word$"
  when (type) {
    is OptionType.Flag -> type(optional, "boolean")
    is OptionType.Whole -> {
      type(optional, "integer", "string")
      if (type.min() > Long.MIN_VALUE) put("minimum", type.min())
      if (type.max() < Long.MAX_VALUE) put("maximum", type.max())
      put("pattern", numbers)
    }
    is OptionType.Real -> {
      type(optional, "number", "string")
      if (type.min().isFinite()) put("minimum", type.min())
      if (type.max().isFinite()) put("maximum", type.max())
      put("pattern", numbers)
    }
    is OptionType.Every -> {
      type(optional, "integer", "string")
      put("minimum", 0)
      put("pattern", Cadence.PATTERN)
    }
    is OptionType.Text -> if (type.allowed().isEmpty()) type(optional, "string") else choice(type.allowed(), optional)
    is OptionType.Choice -> choice(type.names(), optional)
    is OptionType.File -> type(optional, "string")
    is OptionType.Many -> {
      type(optional, "array")
      put("items", buildJsonObject { typed(type.element(), false) })
    }
    is OptionType.Group -> closed(properties(type.spec().options())).forEach { (key, value) -> put(key, value) }
    else -> throw IllegalArgumentException("no schema for $type")
  }
}

private fun JsonObjectBuilder.type(optional: Boolean, vararg types: String) {
  val all = if (optional) types.toList() + "null" else types.toList()
  put("type", all.singleOrNull()?.let(::JsonPrimitive) ?: words(all))
}

private fun JsonObjectBuilder.choice(names: List<String>, optional: Boolean) {
  put("enum", JsonArray(names.map(::JsonPrimitive) + if (optional) listOf(JsonNull) else emptyList()))
}
