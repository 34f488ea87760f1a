package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.bind.names
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.nearest

/**
 * Refuses what is no metric, which would otherwise change the run.
 *
 * @param option where the names come from
 * @param own names that are no provider's
 */
internal fun requireMetrics(
  registry: ProviderRegistry,
  names: List<String>,
  option: String,
  own: List<String> = emptyList(),
) {
  val known = own + registry.names(ProviderKind.METRIC)
  names
    .find { name -> names.count { it == name } > 1 }
    ?.let {
      throw UserError("$option: $it is named twice; a metric is measured once", ExitCode.USAGE)
    }
  for (name in names) {
    if (name in known) continue
    val other = registry.find(name)?.let { "$name is a ${it.kind.label()}" } ?: "no metric named '$name' is installed"
    val suggestion = nearest(name, known)?.let { "; did you mean $it?" }.orEmpty()
    val installed = "installed: ${known.joinToString(", ").ifEmpty { "none" }}"
    throw UserError("$option: $other$suggestion ($installed)", ExitCode.USAGE)
  }
}
