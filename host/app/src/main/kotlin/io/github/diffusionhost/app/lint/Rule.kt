package io.github.diffusionhost.app.lint

/**
 * One departure from a recipe.
 *
 * @property key the option that it is about, dotted
 * @property effect what it does
 * @property source where that is from
 * @property find the departure, null if there is none; also for a config whose providers lack the option
 */
internal class Rule(
  val name: String,
  val key: String,
  val effect: String,
  val source: String,
  val find: Subject.() -> Difference?,
) {
  fun check(subject: Subject): Finding? =
    subject.find()?.let {
      Finding(name, key, it.here, it.recipe, listOfNotNull(it.computed, effect).joinToString(" "), source)
    }
}

/**
 * What is found.
 *
 * @property computed a sentence that holds for this config alone
 */
internal data class Difference(val here: String, val recipe: String, val computed: String? = null)

/** For effects of which there are no figures. */
internal const val UNMEASURED = "No measured effect yet."
