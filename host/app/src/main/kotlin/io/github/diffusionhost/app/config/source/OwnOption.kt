package io.github.diffusionhost.app.config.source

/**
 * An option of a command that stands for an option of the config, and counts as `--set` does.
 *
 * @property name as it is typed, such as `--steps`
 * @property key of the config, such as `sample.steps`
 * @property value in YAML, or a text as it is
 * @property typed what the person wrote after the name
 */
data class OwnOption(val name: String, val key: String, val value: String, val typed: String = value)
