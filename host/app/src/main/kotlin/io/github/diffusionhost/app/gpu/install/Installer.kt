package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.bytesIn
import io.github.diffusionhost.app.plugins.jar.CACHE_VARIABLE
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.amount
import io.github.diffusionhost.engine.download.DownloadPolicy
import io.github.diffusionhost.engine.download.Downloader
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.absolute
import kotlin.io.path.exists

/** The system that programs are for. */
internal data class Platform(val system: String, val processor: String) {
  val fits: Boolean
    get() = system == "Linux" && processor in setOf("amd64", "x86_64")

  companion object {
    fun here() = Platform(System.getProperty("os.name"), System.getProperty("os.arch"))
  }
}

/**
 * `host gpu install`: puts [build] together from an index or from files that are there, and unpacks it.
 *
 * @param status where it is told how that goes
 * @param freeBytes how much room there is in a folder that exists
 */
internal class Installer(
  private val installations: Installations,
  private val indexes: WheelIndexes,
  private val status: StatusLine,
  private val build: CudaBuild = CudaBuild.NEEDED,
  private val policy: DownloadPolicy = DownloadPolicy.DEFAULT,
  private val platform: Platform = Platform.here(),
  private val freeBytes: (Path) -> Long = { Files.getFileStore(it).usableSpace },
) {
  /**
   * Installs, unless it is installed already.
   *
   * @param from files and folders to take it from; none: it is downloaded
   * @param dryRun only looks up what would be done
   * @param keep whether the downloads stay
   * @return what was done, in one line
   * @throws UserError if it cannot be done; what was downloaded stays, and the next time goes on with it
   */
  fun install(from: List<Path>, dryRun: Boolean, keep: Boolean): String {
    if (!platform.fits) {
      val here = "${platform.system} on ${platform.processor}"
      throw UserError("${build.words} is for Linux on x86-64, and this is $here", ExitCode.USAGE)
    }
    return there() ?: if (dryRun) plan(from) else locked(from, keep)
  }

  private fun locked(from: List<Path>, keep: Boolean): String =
    installations.alone({ status.line("waiting for another install in ${Printable.path(installations.root)}") }) {
      // The other one may have done it.
      there() ?: if (from.isEmpty()) download(keep) else unpack(from)
    }

  private fun there(): String? =
    installations
      .of(build)
      ?.takeIf { it.problem == null }
      ?.let {
        "${build.words} is installed already, in ${Printable.path(it.folder)}"
      }

  private fun plan(from: List<Path>): String {
    if (from.isNotEmpty()) {
      return opened(from) { parts, places ->
        val bytes = unpackedBytes(parts)
        "${amount(bytes)} on disk from $places; ${amount(free())} free in ${Printable.path(installations.root)}"
      }
    }
    val downloads = indexes.downloads(build)
    val unknown =
      if (downloads.libraries == null) "; torch alone, which says what else it needs once it is there" else ""
    return "${needs(downloads.all)} in ${Printable.path(installations.root)}$unknown"
  }

  private fun needs(files: List<RemoteFile>): String {
    val bytes = files.sumOf { it.bytes() }
    val here = files.sumOf(::here)
    val already = if (here == 0L) "" else ", ${amount(here)} of it is here already"
    return "${amount(bytes)} to download$already, about ${amount(unpackedBytes(bytes))} on disk; ${amount(free())} free"
  }

  private fun download(keep: Boolean): String {
    val first = indexes.downloads(build)
    requireRoom(first.all)
    status.line(needs(first.all))
    var wheels = fetch(first.all)
    if (first.libraries == null) {
      val libraries = Wheel(wheels[0]).use { indexes.libraries(it.metadata()) }
      requireRoom(libraries)
      wheels = wheels + fetch(libraries)
    }
    val done = unpack(wheels, "${indexes.torch}")
    if (!keep) installations.remove(installations.downloads)
    return done
  }

  private fun fetch(files: List<RemoteFile>): List<Path> {
    val progress = TransferProgress(status, "downloading", files.sumOf { it.bytes() })
    try {
      Downloader(installations.downloads, policy, progress).download(files)
    } finally {
      progress.end()
    }
    return files.map { installations.downloads.resolve(it.path()) }
  }

  private fun unpack(from: List<Path>, source: String? = null): String =
    opened(from) { parts, _ ->
      val bytes = unpackedBytes(parts)
      requireRoom(bytes)
      val progress = TransferProgress(status, "unpacking", bytes)
      try {
        val folder =
          Unpacking(installations, build, source ?: from.joinToString(", ") { "${it.absolute()}" }, progress::reached)
            .unpack(parts)
        "${build.words} is installed in ${Printable.path(folder)}, ${amount(bytes)}"
      } finally {
        progress.end()
      }
    }

  private fun <T> opened(from: List<Path>, block: (List<Part>, String) -> T): T {
    val places = from.joinToString(", ") { Printable.path(it) }
    val inDownloads = from.all { it.parent == installations.downloads }
    val shown = if (inDownloads && from.size > 1) Printable.path(installations.downloads) else places
    val parts = partsOf(build, offersIn(from), shown)
    try {
      return block(parts, shown)
    } finally {
      parts.forEach(Part::close)
    }
  }

  private fun unpackedBytes(parts: List<Part>) = parts.sumOf { part -> part.libraries.sumOf { it.bytes } }

  /** Wheels are small zips of large libraries; what they unpack to is known exactly once they are there. */
  private fun unpackedBytes(downloaded: Long) = (downloaded * UNPACKED).toLong()

  /** What is on the disk of a file, whole or in part. */
  private fun here(file: RemoteFile): Long {
    val whole = installations.downloads.resolve(file.path())
    val part = whole.resolveSibling("${whole.fileName}.part")
    return minOf(file.bytes(), listOf(whole, part).filter { it.exists() }.maxOfOrNull(::bytesIn) ?: 0)
  }

  private fun requireRoom(files: List<RemoteFile>) =
    requireRoom(files.sumOf { it.bytes() - here(it) } + unpackedBytes(files.sumOf { it.bytes() }))

  private fun requireRoom(bytes: Long) {
    val free = free()
    if (free >= bytes) return
    throw UserError(
      "${Printable.path(installations.root)}: ${amount(bytes)} are needed, and ${amount(free)} are free; make room " +
        "there, or set $CACHE_VARIABLE to a folder with more"
    )
  }

  private fun free() = freeBytes(generateSequence(installations.root.absolute()) { it.parent }.first { it.exists() })

  private companion object {
    /** Libraries shrink to somewhat more than half of their size in a wheel. */
    const val UNPACKED = 1.9
  }
}
