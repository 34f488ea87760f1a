package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.gpu.InstallationRecord
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.InstalledFile
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.files.Sha256
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.WRITE
import java.security.MessageDigest
import java.time.Instant
import kotlin.io.path.PathWalkOption.INCLUDE_DIRECTORIES
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.name
import kotlin.io.path.walk
import kotlinx.serialization.json.Json
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/**
 * Makes an installation of parts: aside, forced to the disk, and then under its name, so that it is whole or not there.
 *
 * @param unpacked is told after each piece how many bytes of all are written
 */
internal class Unpacking(
  private val installations: Installations,
  private val build: CudaBuild,
  private val source: String,
  private val unpacked: (Long) -> Unit,
) {
  private var written = 0L

  /**
   * Unpacks [parts], the first of which is torch. What is there under the installation's name is replaced.
   *
   * @throws UserError if something in them is not what it should be
   * @throws IOException if the folder cannot be written
   */
  fun unpack(parts: List<Part>): Path {
    val libraries = checked(parts)
    val folder = installations.folderOf(build)
    try {
      write(libraries, folder)
    } catch (e: FileSystemException) {
      throw e
    } catch (e: IOException) {
      // A full disk says nothing of where it is.
      throw IOException("${Printable.path(folder)} cannot be written: ${e.message}", e)
    }
    return folder
  }

  private fun write(libraries: List<Pair<Part, Library>>, folder: Path) {
    Aside.of(folder).use { aside ->
      val files = libraries.map { (part, library) -> write(part, library, aside.path()) }
      val cudart = nameCudart(aside.path(), files)
      nameCusparselt(aside.path())
      val record =
        InstallationRecord(
          build.version,
          build.flavour,
          source,
          "${Instant.now()}",
          LibraryNames.TORCH,
          cudart,
          files,
        )
      val text = PRETTY.encodeToString(InstallationRecord.serializer(), record)
      AtomicFile.write(aside.path().resolve(InstallationRecord.FILE), (text + "\n").toByteArray())
      aside.path().walk(INCLUDE_DIRECTORIES).filter { it.isDirectory() }.forEach(AtomicFile::forceFolder)
      if (folder.exists()) installations.remove(folder)
      aside.moveIntoPlace()
    }
    AtomicFile.forceParent(folder)
  }

  private fun checked(parts: List<Part>): List<Pair<Part, Library>> {
    val all = parts.flatMap { part -> part.libraries.map { part to it } }
    parts
      .firstOrNull { it.libraries.isEmpty() }
      ?.let { throw UserError("${Printable.path(it.place)} holds no shared library of ${it.identity}", ExitCode.USAGE) }
    for ((part, library) in all) {
      if (part != parts[0] && library.target.startsWith("torch/")) refuse(part, library, "would lie among torch's own")
    }
    all
      .groupBy { it.second.target }
      .values
      .firstOrNull { it.size > 1 }
      ?.let { (_, second) ->
        refuse(second.first, second.second, "is in another part, too")
      }
    val names = all.map { it.second.target.substringAfterLast('/') }
    val missing =
      NEEDED.filterNot(names::contains) + if (names.any(CUDART::matches)) emptyList() else listOf(CUDART_NAME)
    if (missing.isNotEmpty()) {
      val cpu = if ("libtorch_cuda.so" in missing) ": it is a build for the CPU, or not whole" else ""
      throw UserError("${Printable.path(parts[0].place)} lacks ${missing.joinToString(", ")}$cpu", ExitCode.USAGE)
    }
    return all
  }

  private fun write(part: Part, library: Library, folder: Path): InstalledFile {
    val target = folder.resolve(library.target)
    Files.createDirectories(target.parent)
    val digest = Sha256.digest()
    val bytes = FileChannel.open(target, CREATE_NEW, WRITE).use { channel -> copy(part, library, digest, channel) }
    val sha256 = Sha256.hex(digest)
    if (bytes != library.bytes) refuse(part, library, "ends after $bytes of ${library.bytes} bytes")
    if (library.sha256 != null && library.sha256 != sha256)
      refuse(part, library, "has another SHA-256 than in its RECORD")
    return InstalledFile(library.target, bytes, sha256)
  }

  private fun copy(part: Part, library: Library, digest: MessageDigest, channel: FileChannel): Long {
    val buffer = ByteArray(1 shl 20)
    var bytes = 0L
    library.open().use { input ->
      while (true) {
        val read = read { input.readNBytes(buffer, 0, buffer.size) } ?: refuse(part, library, "cannot be unpacked")
        if (bytes == 0L && !isLibrary(buffer, read)) refuse(part, library, "is no shared library")
        if (read == 0) break
        bytes += read
        if (bytes > library.bytes) refuse(part, library, "holds more than its ${library.bytes} bytes")
        digest.update(buffer, 0, read)
        AtomicFile.writeFully(channel, ByteBuffer.wrap(buffer, 0, read))
        written += read
        unpacked(written)
      }
    }
    channel.force(true)
    return bytes
  }

  /** Null if what is read is damaged, which is another thing than a disk that cannot be written. */
  private fun read(block: () -> Int): Int? =
    try {
      block()
    } catch (e: IOException) {
      log.debug("damaged", e)
      null
    }

  private fun isLibrary(bytes: ByteArray, count: Int) = count >= ELF.size && ELF.indices.all { bytes[it] == ELF[it] }

  /**
   * Gives CUDA's runtime the name by which JNA asks for it, in a folder of its own; without that, one that lies in the
   * system's folders would be taken, of whatever version.
   */
  private fun nameCudart(folder: Path, files: List<InstalledFile>): String {
    val file = files.first { CUDART.matches(it.path.substringAfterLast('/')) }.path
    val named = Files.createDirectory(folder.resolve(CUDART_FOLDER)).resolve(InstallationRecord.CUDART)
    // One file under two names is loaded once.
    Files.createSymbolicLink(named, Path.of("..").resolve(file))
    return CUDART_FOLDER
  }

  /** torch 2.7 looks in `cusparselt/lib` for what newer wheels of NVIDIA keep in `nvidia/cusparselt/lib`. */
  private fun nameCusparselt(folder: Path) {
    val old = folder.resolve("cusparselt")
    val new = folder.resolve("nvidia/cusparselt")
    if (new.exists() && !old.exists()) Files.createSymbolicLink(old, Path.of("nvidia", "cusparselt"))
  }

  private fun refuse(part: Part, library: Library, what: String): Nothing {
    val remedy =
      if (part.place.parent == installations.downloads) "host gpu remove --all removes what was downloaded"
      else "get ${part.identity} anew from where it is published"
    throw UserError("${Printable.path(library.target)} in ${Printable.path(part.place.name)} $what; $remedy")
  }

  private companion object {
    const val CUDART_NAME = "libcudart.so.12"
    const val CUDART_FOLDER = "cudart"
    val CUDART = Regex("""libcudart(-[0-9a-f]+)?\.so\.12(\.[0-9.]+)?""")
    val NEEDED = listOf("libc10.so", "libc10_cuda.so", "libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so")
    val ELF = byteArrayOf(0x7f, 'E'.code.toByte(), 'L'.code.toByte(), 'F'.code.toByte())
    val PRETTY = Json { prettyPrint = true }
    val log: Logger = LoggerFactory.getLogger(Unpacking::class.java)
  }
}
