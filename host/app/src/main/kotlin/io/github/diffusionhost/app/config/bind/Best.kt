package io.github.diffusionhost.app.config.bind

/** Which of several numbers is the best. */
enum class Best {
  LEAST,
  GREATEST;

  /** As it is written in a config. */
  val word: String
    get() = name.lowercase()

  /** Puts the best first. */
  fun order(): Comparator<Double> = if (this == LEAST) naturalOrder() else reverseOrder()
}
