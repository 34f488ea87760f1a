package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.plugins.jar.inWords
import io.github.diffusionhost.app.words.amount
import java.io.IOException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.io.path.absolute
import kotlin.io.path.exists

/**
 * A folder that the program writes to.
 *
 * @property what what is in it
 * @property remedy what to do if it cannot be written
 * @property needed whether nothing works without it
 */
internal data class WrittenFolder(val what: String, val path: Path, val remedy: String, val needed: Boolean = false)

/** Whether folders can be written, and how much room there is. */
internal class FolderExamination(
  private val folders: List<WrittenFolder>,
  private val freeBytes: (Path) -> Long = { Files.getFileStore(it).usableSpace },
) : Examination {
  override val area = "disk"

  override fun findings(): List<Finding> = folders.map(::finding)

  private fun finding(folder: WrittenFolder): Finding {
    val shown = Printable.path(folder.path)
    val problem = problem(folder.path)
    if (problem != null) {
      val verdict = if (folder.needed) Verdict.BROKEN else Verdict.NOTE
      return Finding(area, folder.what, "$shown cannot be written: $problem", verdict, folder.remedy)
    }
    val free = freeBytes(existing(folder.path))
    val found = "$shown, ${amount(free)} free"
    if (free >= ENOUGH) return Finding(area, folder.what, found)
    return Finding(
      area,
      folder.what,
      found,
      Verdict.NOTE,
      "Make room, or ${folder.remedy.replaceFirstChar(Char::lowercase)}",
    )
  }

  /** Writes a file, for permissions alone do not tell: a file system may be full, or read-only. */
  private fun problem(path: Path): String? {
    val folder = existing(path)
    return try {
      Files.delete(Files.createTempFile(folder, ".doctor-", ".tmp"))
      null
    } catch (e: IOException) {
      if (e is NoSuchFileException) "nothing can be made in ${Printable.path(folder)}" else inWords(e)
    }
  }

  /** The folder, or the nearest above it that is there, in which it would be made. */
  private fun existing(path: Path): Path = generateSequence(path.absolute()) { it.parent }.first { it.exists() }

  private companion object {
    const val ENOUGH = 2L * 1024 * 1024 * 1024
  }
}
