package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** A part that may be taken, and how it is opened if it is. */
internal class Offer(val identity: Requirement, val place: Path, val open: () -> Part)

/**
 * What lies in files and folders that somebody names: wheels, what pip has installed, and libtorch for C++ as a zip or
 * unpacked. A folder is looked at itself, and not what is below it.
 *
 * @throws UserError if a path is not there, or holds none of these
 */
internal fun offersIn(paths: List<Path>): List<Offer> = paths.flatMap { path ->
  val shown = Printable.path(path)
  when {
    !path.exists() -> throw UserError("--from $shown: no such file or folder", ExitCode.USAGE)
    path.isDirectory() -> offersInFolder(path)
    path.extension == "whl" -> listOf(wheelOffer(path) ?: throw UserError("--from $shown: $NO_WHEEL", ExitCode.USAGE))
    path.extension == "zip" -> listOf(zipOffer(path))
    else -> throw UserError("--from $shown is $WANTED", ExitCode.USAGE)
  }
}

private fun offersInFolder(folder: Path): List<Offer> {
  val wheels = folder.listDirectoryEntries("*.whl").sorted().mapNotNull(::wheelOffer)
  val zips = folder.listDirectoryEntries("libtorch*.zip").sorted().map(::zipOffer)
  val installed = if (isSitePackages(folder)) installedDistributions(folder).map(::offer) else emptyList()
  if (isSitePackages(folder) && installed.none { it.identity.distribution == "torch" }) {
    throw UserError(
      "--from ${Printable.path(folder)}: torch/lib is there, and no torch-….dist-info that says which version it is; " +
        "name the folder that pip has installed it in",
      ExitCode.USAGE,
    )
  }
  val found = wheels + zips + installed + listOfNotNull(FlatLibtorch.inFolder(folder)?.let(::offer))
  if (found.isEmpty()) throw UserError("--from ${Printable.path(folder)} is $WANTED", ExitCode.USAGE)
  return found
}

/** By its name alone; what is in it is read when it is taken. One for another system is none. */
private fun wheelOffer(path: Path): Offer? {
  val name = WheelName.parse(path.name)?.takeIf { it.fits } ?: return null
  return Offer(Requirement(name.distribution, name.version), path) { Wheel(path) }
}

private fun zipOffer(path: Path): Offer =
  Offer(FlatLibtorch.inZip(path).use { it.identity }, path) { FlatLibtorch.inZip(path) }

private fun offer(part: Part): Offer = Offer(part.identity, part.place) { part }

/**
 * The parts of [build] among [offers].
 *
 * @throws UserError that names all that is missing, and what is there in another version
 */
internal fun partsOf(build: CudaBuild, offers: List<Offer>, places: String): List<Part> {
  val torch = take(Requirement("torch", build.wheelVersion), offers, places)
  val parts = mutableListOf(torch.part ?: throw incomplete(build, listOf(torch.problem)))
  try {
    val needs = parts[0].needs
    if (needs != null && needs.isEmpty()) throw UserError("torch in $places is a build for the CPU", ExitCode.USAGE)
    val taken = needs.orEmpty().map { take(it, offers, places) }
    parts += taken.mapNotNull { it.part }
    val problems = taken.filter { it.part == null }.map { it.problem }
    if (problems.isNotEmpty()) throw incomplete(build, problems)
    return parts
  } catch (e: UserError) {
    parts.forEach(Part::close)
    throw e
  }
}

private class Taken(val part: Part?, val problem: String)

private fun take(wanted: Requirement, offers: List<Offer>, places: String): Taken {
  val named = offers.filter { it.identity.distribution == wanted.distribution }
  val fitting = named.firstOrNull { it.identity == wanted }
  if (fitting != null) return Taken(opened(fitting), "")
  val others = named.map { it.identity.version }.distinct().joinToString(", ")
  val what =
    when {
      named.isEmpty() -> "$wanted is missing in $places"
      named.all { it.identity.version.endsWith("+cpu") } ->
        "${wanted.distribution} in $places is a build for the CPU ($others)"
      else -> "${wanted.distribution} in $places is $others, and ${wanted.version} is needed"
    }
  return Taken(null, what)
}

/** A wheel is what it is named, or none. */
private fun opened(offer: Offer): Part {
  val part = offer.open()
  if (part.identity == offer.identity) return part
  part.close()
  throw UserError("${Printable.path(offer.place)} is ${part.identity} inside; get it anew from where it is published")
}

private fun incomplete(build: CudaBuild, problems: List<String>) =
  UserError("${build.words} cannot be put together: ${problems.joinToString("; ")}", ExitCode.USAGE)

private const val NO_WHEEL = "its name is that of no wheel for Linux x86-64"
private const val WANTED =
  "nothing that libtorch can be taken from: that is a wheel, a folder of wheels, a folder in which pip has installed " +
    "torch, or libtorch for C++ as a zip or unpacked"
