package io.github.diffusionhost.app.cli.command

import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError

/**
 * An option of a command that stands for an option of the config.
 *
 * @property value as it was typed; null: not given
 */
internal data class OwnOption(val name: String, val key: String, val value: Any?)

/**
 * The settings of `--set`, and those that a command's own options are short for.
 *
 * @throws UserError if something is given by both, for one would be ignored
 */
internal fun together(settings: List<String>, vararg own: OwnOption): List<String> {
  val given = own.filter { it.value != null }
  for (option in given) refuseBoth(settings, option)
  return settings + given.map { "${it.key}=${it.value}" }
}

/** Refuses what both a command's own option and `--set` give. */
internal fun refuseBoth(settings: List<String>, option: OwnOption) {
  if (option.value == null || settings.none { it.substringBefore('=').trim() == option.key }) return
  throw UserError("${option.name} and --set ${option.key} say the same: leave one out", ExitCode.USAGE)
}
