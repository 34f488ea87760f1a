package io.github.diffusionhost.app.cli.command

/** A command of `host` as its list names it; [create] makes the command itself, with all its options. */
internal class CommandRow(val words: CommandWords, val create: () -> HostSubcommand)

/**
 * The commands for one command line: whole where it may be meant, else with their name and summary only, for the
 * options of all of them take a third of the time that `host --help` has.
 *
 * @param named whether a command is whole, by its name
 */
internal fun List<CommandRow>.whole(named: (String) -> Boolean): List<HostSubcommand> = map { row ->
  if (named(row.words.name)) row.create() else Named(row.words)
}

private class Named(words: CommandWords) : HostSubcommand(words) {
  override fun run() = error("$commandName was not created")
}
