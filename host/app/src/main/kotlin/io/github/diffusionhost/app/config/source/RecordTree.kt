package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.config.source.ConfigNode.Entry
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import java.lang.reflect.RecordComponent
import java.nio.file.Path

/** An options record as a config writes it, so that binding it again gives an equal record. */
internal fun Record.toNode(location: Location): Mapping =
  mappingOf(location, javaClass.recordComponents.associate { it.name to valueNode(read(it) ?: absent(it), location) })

/** The word that stands for no value of a component. */
private fun absent(component: RecordComponent): String? =
  component.getAnnotation(Option::class.java)?.absent?.ifEmpty { null }

internal fun mappingOf(location: Location, values: Map<String, ConfigNode>) =
  Mapping(values.mapValues { Entry(location, it.value) }, location)

/** An option's value as a config writes it. */
internal fun valueNode(value: Any?, location: Location): ConfigNode =
  when (value) {
    null -> Scalar("null", false, location)
    is Cadence -> Scalar("$value", false, location)
    is Record -> value.toNode(location)
    is List<*> -> Sequence(value.map { valueNode(it, location) }, location)
    is Float -> Scalar(realText(value), false, location)
    is Double -> Scalar(realText(value), false, location)
    is Boolean,
    is Number -> Scalar(value.toString(), false, location)
    is Enum<*> -> Scalar(OptionsSpec.choiceName(value), true, location)
    is String,
    is Path -> Scalar(value.toString(), true, location)
    else -> throw IllegalArgumentException("a config cannot hold a ${value.javaClass.name}")
  }

private fun Record.read(component: RecordComponent): Any? {
  val accessor = component.accessor
  accessor.isAccessible = true
  return accessor.invoke(this)
}
