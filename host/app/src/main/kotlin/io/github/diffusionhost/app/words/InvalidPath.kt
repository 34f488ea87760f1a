package io.github.diffusionhost.app.words

import io.github.diffusionhost.api.text.Printable
import java.nio.file.InvalidPathException
import java.nio.file.Path

/** Names outside ASCII arrive as question marks where the locale's character set does not have them. */
internal fun inWords(e: InvalidPathException): String {
  val set = System.getProperty("sun.jnu.encoding")
  val name = Printable.path(e.input)
  return if (set == "UTF-8") "$name: no name for a file: ${e.reason}"
  else "$name: the locale's character set, $set, does not have all its characters; set LC_ALL=C.UTF-8 and try again"
}

/**
 * The path that an option of the command line names.
 *
 * @throws IllegalArgumentException if it can be none; an empty one would stand for the folder that one is in
 */
internal fun pathOf(text: String): Path =
  try {
    require(text.isNotEmpty()) { "it is empty; name a file or folder (the present one: .)" }
    Path.of(text)
  } catch (e: InvalidPathException) {
    throw IllegalArgumentException(inWords(e), e)
  }
