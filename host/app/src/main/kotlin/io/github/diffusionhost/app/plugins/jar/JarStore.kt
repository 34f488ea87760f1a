package io.github.diffusionhost.app.plugins.jar

import io.github.diffusionhost.api.files.Aside
import java.io.IOException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.attribute.FileTime
import java.nio.file.attribute.PosixFilePermissions
import java.security.DigestInputStream
import java.security.MessageDigest
import java.time.Duration
import java.time.Instant
import java.util.HexFormat
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.getLastModifiedTime
import kotlin.io.path.inputStream
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.moveTo
import kotlin.io.path.outputStream
import kotlin.io.path.setLastModifiedTime
import org.slf4j.LoggerFactory

/** The private copy of a jar. */
internal data class StoredJar(val path: Path, val sha256: String)

/**
 * Private copies of jars, named by their content, so that replacing or deleting a jar never disturbs a process that
 * runs from it. Processes may share the folder: a copy appears under its name when it is complete, and never changes.
 */
internal class JarStore(private val wanted: Path, private val temporary: () -> Path = ::temporaryFolder) {
  private val log = LoggerFactory.getLogger(JarStore::class.java)

  /** Where copies are: the wanted one, until it turns out that it cannot be written. */
  var folder = wanted
    private set

  /**
   * The private copy of [jar], made if there is none yet.
   *
   * @throws RefusedException if the jar cannot be read or the copy cannot be written
   */
  fun copyOf(jar: Path): StoredJar {
    if (!jar.isRegularFile()) {
      val what = if (jar.exists()) "it is not a regular file" else "it is a link to a file that is not there"
      throw RefusedException(what, "Remove it, or put a jar in its place")
    }
    val known =
      try {
        entry(sha256(jar))
      } catch (e: IOException) {
        throw RefusedException("it cannot be read: ${inWords(e)}", "Make it readable, or remove it", e)
      }
    try {
      return if (isComplete(known.path, jar)) known.also { keep(it.path) } else writeSomewhere(jar)
    } catch (e: IOException) {
      val remedy = "Make room there, or name another folder for the copies"
      throw RefusedException("no private copy of it could be made in $folder: ${inWords(e)}", remedy, e)
    }
  }

  /** Deletes copies that nobody has used for [age], and what killed processes have left. */
  fun prune(age: Duration, now: Instant = Instant.now()) {
    try {
      if (folder.exists()) {
        folder
          .listDirectoryEntries("*.{jar,part}")
          .filter { it.getLastModifiedTime().toInstant() < now - age }
          .forEach { it.deleteIfExists() }
      }
    } catch (e: IOException) {
      log.debug("Old copies of plugins stay in {}", folder, e)
    }
  }

  private fun entry(sha256: String) = StoredJar(folder.resolve("$sha256.jar"), sha256)

  /** A crash of the machine can leave a file short; of the same name it cannot be another content. */
  private fun isComplete(copy: Path, jar: Path) = copy.exists() && copy.fileSize() == jar.fileSize()

  private fun keep(copy: Path) {
    val now = Instant.now()
    try {
      if (copy.getLastModifiedTime().toInstant() < now - TOUCH_AFTER) copy.setLastModifiedTime(FileTime.from(now))
    } catch (e: IOException) {
      log.debug("{} cannot be marked as used; a folder that only can be read keeps its copies", copy, e)
    }
  }

  /** In a container, a user may have no folder for caches at all, and wants the plugins all the same. */
  private fun writeSomewhere(jar: Path): StoredJar =
    try {
      write(jar)
    } catch (e: IOException) {
      if (folder != wanted) throw e
      val instead = temporary()
      log.warn(
        "no copies of plugins can be kept in {} ({}); for this time they are in {}. Set {} to a folder that can be written",
        wanted,
        inWords(e),
        instead,
        CACHE_VARIABLE,
      )
      folder = instead
      write(jar)
    }

  private fun write(jar: Path): StoredJar {
    createFolder()
    Aside.of(folder.resolve("new")).use { aside ->
      val digest = newDigest()
      aside.path().outputStream().use { out -> DigestInputStream(jar.inputStream(), digest).use { it.copyTo(out) } }
      val entry = entry(hex(digest))
      try {
        aside.path().moveTo(entry.path, ATOMIC_MOVE)
      } catch (e: FileSystemException) {
        // Windows: another process was first and has it open.
        if (!isComplete(entry.path, aside.path())) throw e
      }
      return entry
    }
  }

  private fun createFolder() {
    if ("posix" in folder.fileSystem.supportedFileAttributeViews()) {
      val mine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
      Files.createDirectories(folder, mine)
    } else {
      Files.createDirectories(folder)
    }
  }

  private fun sha256(jar: Path): String {
    val digest = newDigest()
    val buffer = ByteArray(1 shl 16)
    jar.inputStream().use { input ->
      generateSequence { input.read(buffer).takeIf { it >= 0 } }.forEach { digest.update(buffer, 0, it) }
    }
    return hex(digest)
  }

  private fun newDigest() = MessageDigest.getInstance("SHA-256")

  private fun hex(digest: MessageDigest) = HexFormat.of().formatHex(digest.digest())

  private companion object {
    val TOUCH_AFTER: Duration = Duration.ofDays(1)
  }
}
