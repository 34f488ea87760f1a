package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.lint.Finding
import io.github.diffusionhost.app.lint.Recipe

/**
 * A run's config.
 *
 * @property text the file
 * @property options every option by its dotted key, with every default; as written, if the plugins are not there to
 *   tell defaults
 * @property changes options that differ from their defaults; null if the defaults are not known
 * @property recipe the recipe that it is compared with; null if there is none for its scheduler
 * @property findings where it departs from the recipe
 * @property totalSteps its length for a dataset of so many images; null if that is not known
 */
class ConfigFacts(
  val text: String,
  val options: Map<String, String>,
  val changes: List<Change>?,
  val recipe: Recipe?,
  val findings: List<Finding>,
  val totalSteps: (Long) -> Long?,
) {
  /**
   * An option that is not at its default.
   *
   * @property default null if the option is only there because of another one
   */
  data class Change(val key: String, val here: String?, val default: String?)
}
