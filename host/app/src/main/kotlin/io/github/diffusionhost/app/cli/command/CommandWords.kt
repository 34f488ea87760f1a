package io.github.diffusionhost.app.cli.command

/**
 * What the list of commands and the help of one say of it.
 *
 * @param examples command lines for the end of the help
 */
internal class CommandWords(val name: String, val summary: String, vararg val examples: String)
