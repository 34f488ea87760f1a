package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.app.config.bind.OptionBinder
import io.github.diffusionhost.app.config.source.Change
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.Layer
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.found
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.mappingOf
import io.github.diffusionhost.app.config.source.put
import io.github.diffusionhost.app.config.source.valueNode
import java.nio.file.Path

/** The key of [StartingWeights] in the section `train`. */
internal const val FROM = "from"

/** The options of `train.from`. */
internal val STARTING_WEIGHTS: List<OptionSpec> =
  listOf(
    OptionSpec(
      "path",
      OptionType.File(),
      false,
      null,
      "a run (its newest checkpoint), a checkpoint, or a folder of diffusers",
    ),
    OptionSpec(
      "weights",
      OptionType.Text(listOf()),
      true,
      null,
      "which of a checkpoint's weights: ema, ema-1, … or model; the first average if there is one and nothing is given",
    ),
    OptionSpec(
      "partial",
      OptionType.Flag(),
      false,
      false,
      "begin although tensors are missing, left over or of another shape; those keep their initial values",
    ),
  )

/** Binds `train.from`; a path alone stands for `{path: …}`. */
internal class FromSection(private val binder: OptionBinder, private val errors: ConfigErrors) {
  /** The weights that the layers of the section `train` name; null if none, or after an error. */
  fun bind(layers: List<Layer>, section: Location): StartingWeights? {
    val changes = layers.flatMap { it.changes }.mapNotNull(::given)
    val path = "train.$FROM"
    changes.find(::isEmpty)?.let {
      errors.add(it.value.location, path, "is empty; name a place of weights, or write null for none")
      return null
    }
    val node = changes.fold(null, ::over) ?: return null
    if (node !is Mapping) {
      errors.add(node.location, path, "${node.found()} is not a place of weights; write a path, or `path: …`")
      return null
    }
    val values = binder.values(STARTING_WEIGHTS, node, path) ?: return null
    val place = values["path"] as String?
    if (place == null) {
      errors.add(node.entries.values.firstOrNull()?.key ?: section, path, "does not say from where: add `path: …`")
      return null
    }
    return StartingWeights(Path.of(place), values["weights"] as String?, values["partial"] as Boolean? ?: false)
  }

  /** What a change of the section says about this key. */
  private fun given(change: Change): Change? {
    val first = change.path.firstOrNull()
    return when {
      first == FROM -> change.copy(path = change.path.drop(1))
      first == null -> (change.value as? Mapping)?.get(FROM)?.let { Change(emptyList(), it) }
      else -> null
    }
  }

  /** Such as of a variable of the shell that is not set: a training from scratch is not what was meant. */
  private fun isEmpty(change: Change) = change.path.isEmpty() && change.value.typed?.text?.isBlank() == true

  private fun over(weak: ConfigNode?, change: Change): ConfigNode? =
    when {
      change.path.isEmpty() && change.value.isAbsent -> null
      change.path.isEmpty() && change.value is Scalar ->
        put(weak, Change(listOf("path"), change.value), "train.$FROM", errors)
      else -> put(weak, change, "train.$FROM", errors)
    }
}

/** The layers of the section `train` without this key. */
internal fun withoutFrom(layer: Layer) =
  Layer(layer.changes.filter { it.path.firstOrNull() != FROM }.mapNotNull { it.without(listOf(FROM)) })

/** [StartingWeights] as a config writes them. */
internal fun StartingWeights.toNode(location: Location): Mapping =
  mappingOf(
    location,
    buildMap {
      put("path", valueNode("$path", location))
      weights?.let { put("weights", valueNode(it, location)) }
      put("partial", valueNode(partial, location))
    },
  )
