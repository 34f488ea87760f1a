package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

/**
 * A distribution that pip has installed.
 *
 * @property place the folder that holds its packages, such as `site-packages`
 */
internal class InstalledDistribution(override val place: Path, information: Path) : Part {
  private val metadata =
    WheelMetadata.parse(information.resolve("METADATA").readText())
      ?: throw UserError("${Printable.path(information)}/METADATA names no distribution; install it anew with pip")
  override val identity = Requirement(metadata.distribution, metadata.version)
  override val needs: List<Requirement> = metadata.libraries

  /** Those that its `RECORD` lists, each of which is there. */
  override val libraries: List<Library> by lazy {
    val record = information.resolve("RECORD")
    if (!record.isRegularFile()) refuse("has no RECORD of $identity")
    val sha256 = recordedSha256(record.readText()).filterKeys(LibraryNames::isWanted)
    val folders = sha256.keys.map { it.substringBeforeLast('/') }.distinct().sorted()
    val there = folders.flatMap { librariesIn(place.resolve(it), it, sha256::get) }.filter { it.target in sha256 }
    val missing = sha256.keys - there.map { it.target }.toSet()
    if (missing.isNotEmpty()) refuse("lacks ${missing.sorted().joinToString(", ") { Printable.path(it) }} of $identity")
    there
  }

  private fun refuse(what: String): Nothing =
    throw UserError("${Printable.path(place)} $what; install that anew with pip")
}

/** The distributions in a folder such as `site-packages` that are torch or NVIDIA's; none if it is no such folder. */
internal fun installedDistributions(folder: Path): List<InstalledDistribution> =
  folder
    .listDirectoryEntries("*.dist-info")
    .filter {
      distributionName(it.name.substringBefore('-')).let { name -> name == "torch" || name.startsWith("nvidia") }
    }
    .filter { it.resolve("METADATA").isRegularFile() }
    .sorted()
    .map { InstalledDistribution(folder, it) }

/** Whether libraries lie in [folder] as pip lays them out. */
internal fun isSitePackages(folder: Path): Boolean = folder.resolve(LibraryNames.TORCH).isDirectory()
