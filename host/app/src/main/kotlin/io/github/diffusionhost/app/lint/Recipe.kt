package io.github.diffusionhost.app.lint

/**
 * A recipe, as the departures from it that matter.
 *
 * @property title what it is
 * @property scheduler the scheduler that it has, and that tells which recipe a config is compared with
 */
enum class Recipe(val title: String, val scheduler: String, internal val rules: List<Rule>) {
  R1(
    "DDPM on CIFAR-10, Ho et al. 2020",
    "ddpm",
    SCHEDULE_RULES + DATA_RULES + NETWORK_RULES + TRAINING_RULES,
  ),
  R3("SD3-style transformer with flow matching on MNIST", "flowmatch", FLOW_RULES),
  R4("EDM2 on small images, Karras et al. 2022 and 2023, xfetus/edm2-multi-gpu", "edm2", EDM2_RULES),
}
