package io.github.diffusionhost.app.gpu

import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.plugins.jar.inWords
import io.github.diffusionhost.app.plugins.jar.userCacheFolder
import io.github.diffusionhost.engine.files.FileLocking
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.moveTo
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.walk
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json

/**
 * A folder that `host gpu install` has made.
 *
 * @property record what it holds; null if that cannot be read
 * @property problem what is wrong with it; null if it is whole
 */
internal data class Installation(val folder: Path, val record: InstallationRecord?, val problem: String?) {
  val name: String
    get() = folder.name

  /** What it takes of the disk. */
  fun bytes(): Long = bytesIn(folder)
}

/** The builds of libtorch for GPUs in a folder, which need not be there: each in a folder of its own, by its name. */
internal class Installations(val root: Path) {
  /** Where wheels are kept until they are unpacked. */
  val downloads: Path = root.resolve("downloads")

  /** All that are there, by name. */
  fun all(): List<Installation> =
    if (!root.isDirectory()) emptyList()
    else
      root
        .listDirectoryEntries()
        .filter { it.isDirectory() && !it.name.startsWith(".") && it != downloads }
        .sorted()
        .map(::read)

  /** That of [build]; null if there is none. */
  fun of(build: CudaBuild): Installation? = folderOf(build).takeIf { it.isDirectory() }?.let(::read)

  fun folderOf(build: CudaBuild): Path = root.resolve(build.name)

  /** Removes a folder in [root]: it is gone at once, or still whole. */
  fun remove(folder: Path) {
    Aside.of(folder).use { folder.moveTo(it.path(), ATOMIC_MOVE) }
  }

  /**
   * Runs [block] while no other process installs or removes anything here.
   *
   * @param waiting called if another one does, before it is waited for
   */
  fun <T> alone(waiting: () -> Unit, block: () -> T): T {
    Files.createDirectories(root)
    FileChannel.open(root.resolve(".install.lock"), CREATE, WRITE).use { channel ->
      if (FileLocking.tryLock(channel) == null) {
        waiting()
        FileLocking.lock(channel)
      }
      Aside.sweep(root)
      return block()
    }
  }

  private fun read(folder: Path): Installation {
    val file = folder.resolve(InstallationRecord.FILE)
    val record =
      try {
        JSON.decodeFromString<InstallationRecord>(file.readText())
      } catch (e: IOException) {
        return Installation(folder, null, "${file.name} cannot be read: ${inWords(e)}")
      } catch (e: SerializationException) {
        return Installation(folder, null, "${file.name} cannot be read: ${Printable.name(e.message.orEmpty())}")
      }
    return Installation(folder, record, problem(folder, record))
  }

  /** Looks at names and sizes: reading gigabytes at each start would take longer than most commands. */
  private fun problem(folder: Path, record: InstallationRecord): String? {
    if (record.build.name != folder.name) return "it says that it is ${Printable.name(record.build.name)}"
    for (file in record.files) {
      val path = folder.resolve(file.path)
      if (!path.isRegularFile()) return "${Printable.path(file.path)} is missing"
      if (path.fileSize() != file.bytes) return "${Printable.path(file.path)} has another size than was written"
    }
    val cudart = "${record.cudart}/${InstallationRecord.CUDART}"
    return if (folder.resolve(cudart).isRegularFile()) null else "${Printable.path(cudart)} is missing"
  }

  companion object {
    private val JSON = Json { ignoreUnknownKeys = true }

    /** Those of the user, among the caches. */
    fun ofUser() = Installations(userCacheFolder().resolve("libtorch"))
  }
}

/** What files take together, each counted by its own name alone; none if there is no such folder. */
internal fun bytesIn(folder: Path): Long =
  if (folder.exists()) folder.walk().filter { it.isRegularFile(NOFOLLOW_LINKS) }.sumOf { it.fileSize() } else 0
