package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.plugins.jar.inWords
import io.github.diffusionhost.app.words.UserError
import java.io.IOException
import java.io.InputStream
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipFile

/**
 * A zip from elsewhere. Names that lead out of it, names that are there twice and sizes that no library has are
 * refused; so is, by what is done with them, an entry that is a link: it does not begin as a library does.
 *
 * @throws UserError if it is no zip, or is refused
 */
internal class GuardedZip(val path: Path) : AutoCloseable {
  private val zip =
    try {
      ZipFile(path.toFile())
    } catch (e: IOException) {
      throw UserError("${Printable.path(path)} cannot be read as a zip: ${inWords(e)}", cause = e)
    }

  /** The names of its files. */
  val names: List<String> =
    try {
      checked()
    } catch (e: UserError) {
      zip.close()
      throw e
    }

  fun bytes(name: String): Long = entry(name).size

  fun open(name: String): InputStream = zip.getInputStream(entry(name))

  /** A small file of it as text. */
  fun text(name: String): String {
    if (bytes(name) > LONGEST_TEXT) refuse("${Printable.path(name)} is too large")
    return open(name).use { it.readNBytes(LONGEST_TEXT) }.toString(Charsets.UTF_8)
  }

  override fun close() = zip.close()

  private fun entry(name: String): ZipEntry = checkNotNull(zip.getEntry(name)) { name }

  private fun checked(): List<String> {
    val entries = zip.entries().toList()
    if (entries.size > MOST_ENTRIES) refuse("it has more than $MOST_ENTRIES entries")
    val seen = HashSet<String>()
    for (entry in entries) {
      val name = Printable.path(entry.name)
      if (leadsOut(entry.name)) refuse("'$name' leads out of it")
      if (!seen.add(entry.name)) refuse("'$name' is in it twice")
      if (entry.size !in 0..LARGEST) refuse("'$name' has a size that no library has")
    }
    if (entries.sumOf { it.size } > LARGEST_TOGETHER) refuse("it would unpack to more than $LARGEST_TOGETHER bytes")
    return entries.filterNot { it.isDirectory }.map { it.name }
  }

  private fun leadsOut(name: String) =
    name.isEmpty() ||
      name.startsWith("/") ||
      '\\' in name ||
      ':' in name ||
      '\u0000' in name ||
      name.split('/').any { it == ".." || it == "." }

  private fun refuse(what: String): Nothing =
    throw UserError("${Printable.path(path)} is refused: $what; get it anew from where it is published")

  private companion object {
    const val MOST_ENTRIES = 1_000_000
    const val LARGEST = 8L shl 30
    const val LARGEST_TOGETHER = 40L shl 30
    const val LONGEST_TEXT = 64 shl 20
  }
}
