package io.github.diffusionhost.app.lint

/**
 * A departure of a config from a recipe that is known to matter.
 *
 * @property rule its name
 * @property key the option, dotted
 * @property here what the config says, or what follows from it
 * @property recipe the same of the recipe
 * @property effect what it does: measured, published or computed, or that nobody has measured it
 * @property source where that is from
 */
data class Finding(
  val rule: String,
  val key: String,
  val here: String,
  val recipe: String,
  val effect: String,
  val source: String,
)
