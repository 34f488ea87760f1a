package io.github.diffusionhost.app.plugins.jar

import java.io.File
import java.io.IOException
import java.nio.file.DirectoryIteratorException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/**
 * A folder whose jars are plugins.
 *
 * @property required whether somebody named it, so that it must be there
 */
data class PluginFolder(val path: Path, val required: Boolean)

/** Folders for plugins cannot be read; the message names each. */
class PluginFolderException(val folders: List<Path>) : IOException(folders.joinToString("\n", transform = ::describe)) {
  private companion object {
    fun describe(folder: Path): String {
      val what = if (folder.exists()) "is not a folder that can be read" else "does not exist"
      return "the plugin folder $folder $what: create it, or leave it out of --plugins-dir and DIFFUSIONHOST_PLUGINS"
    }
  }
}

/**
 * The folders to look into; when two providers claim one name, the earlier folder wins.
 *
 * @param installation the folder of the installation, which may be missing
 * @param given the folders of `--plugins-dir`
 * @param environment the value of `DIFFUSIONHOST_PLUGINS`: folders, separated as in `PATH`
 */
fun pluginFolders(installation: Path?, given: List<Path>, environment: String?): List<PluginFolder> {
  val named = given + environment.orEmpty().split(File.pathSeparator).filter { it.isNotBlank() }.map { Path.of(it) }
  val all = listOfNotNull(installation?.let { PluginFolder(it, false) }) + named.map { PluginFolder(it, true) }
  return all
    .groupBy { it.path.toAbsolutePath().normalize() }
    .map { (path, same) -> PluginFolder(path, same.any(PluginFolder::required)) }
}

/** A file that may be a plugin; [order] is the place of its folder among the folders. */
internal data class FoundJar(val path: Path, val order: Int)

/**
 * The jars that lie directly in the folders, in the order of the folders and then of their names. Hidden files, folders
 * and whatever does not end in `.jar` are passed over.
 *
 * @throws PluginFolderException if a required folder is missing, or any cannot be read
 */
internal fun findJars(folders: List<PluginFolder>): List<FoundJar> {
  val unreadable = mutableListOf<Path>()
  val found = mutableListOf<FoundJar>()
  for ((order, folder) in folders.withIndex().filter { (_, it) -> it.required || it.path.exists() }) {
    try {
      found += jarsIn(folder.path).map { FoundJar(it, order) }
    } catch (_: IOException) {
      unreadable.add(folder.path) // all of them are named together
    } catch (_: DirectoryIteratorException) {
      unreadable.add(folder.path) // in the middle of the listing
    }
  }
  if (unreadable.isNotEmpty()) {
    throw PluginFolderException(unreadable)
  }
  return found
}

private fun jarsIn(folder: Path): List<Path> =
  folder
    .listDirectoryEntries()
    .filter { it.name.endsWith(".jar", ignoreCase = true) && !it.name.startsWith(".") && !it.isDirectory() }
    .sortedBy { it.name }
