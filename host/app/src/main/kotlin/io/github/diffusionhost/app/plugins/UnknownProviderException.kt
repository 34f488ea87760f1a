package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.plugins.jar.PluginProblem

/**
 * A provider that is not there.
 *
 * @property kind the kind that was wanted; null: any
 * @property nearest the name that was probably meant
 * @property available the names there are, by kind
 */
class UnknownProviderException
internal constructor(
  val name: String,
  val kind: ProviderKind?,
  isA: ProviderKind?,
  val nearest: String?,
  val available: Map<ProviderKind, List<String>>,
  suspect: PluginProblem?,
) :
  Exception(
    buildString {
      append(
        when {
          isA != null -> "$name is a ${isA.label()}, not a ${kind?.label()}"
          else -> "no ${kind?.label() ?: "provider"} is called $name"
        }
      )
      nearest?.let { append("; did you mean $it?") }
      suspect?.let { append("\n  a plugin of that name is left out: $it") }
      for ((each, names) in available) {
        append("\n  ${each.label()}s: ${names.joinToString().ifEmpty { "none installed" }}")
      }
    }
  )
