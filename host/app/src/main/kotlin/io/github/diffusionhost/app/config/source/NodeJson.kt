package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** A config as JSON. What JSON has no number for (infinity) is a text. */
internal fun json(node: ConfigNode): JsonElement =
  when (node) {
    is Mapping -> JsonObject(node.entries.mapValues { json(it.value.value) })
    is Sequence -> JsonArray(node.elements.map(::json))
    is Scalar ->
      when {
        node.isNull -> JsonNull
        node.quoted -> JsonPrimitive(node.text)
        else ->
          node.toFlag()?.let(::JsonPrimitive)
            ?: node.text.toLongOrNull()?.let(::JsonPrimitive)
            ?: node.toReal()?.takeIf(Double::isFinite)?.let(::JsonPrimitive)
            ?: JsonPrimitive(node.text)
      }
  }

/** An option's value as JSON. */
internal fun json(value: Any?): JsonElement = json(valueNode(value, Location.BuiltIn("a value")))
