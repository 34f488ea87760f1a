package io.github.diffusionhost.app.cli.command

import io.github.diffusionhost.app.config.source.OwnOption
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError

/** The option of a command as one of the config; null if it was not given. */
internal fun ownOption(name: String, key: String, value: Any?): OwnOption? = value?.let { OwnOption(name, key, "$it") }

/**
 * Those of a command's own options that were given.
 *
 * @throws UserError if something is given by `--set` as well, for one would be ignored
 */
internal fun besides(settings: List<String>, vararg own: OwnOption?): List<OwnOption> =
  own.filterNotNull().onEach { option ->
    if (settings.any { it.substringBefore('=').trim() == option.key }) {
      throw UserError("${option.name} and --set ${option.key} say the same: leave one out", ExitCode.USAGE)
    }
  }
