package io.github.diffusionhost.app.gpu.install

import java.io.InputStream
import java.nio.file.Path
import kotlin.io.path.fileSize
import kotlin.io.path.inputStream
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/**
 * A shared library that is to be installed.
 *
 * @property target its path in the installation, with forward slashes
 * @property sha256 in lower-case hexadecimal, as its source promises it; null if that promises nothing
 */
internal class Library(val target: String, val bytes: Long, val sha256: String?, val open: () -> InputStream)

/** The shared libraries of one distribution, and where they are. */
internal interface Part : AutoCloseable {
  /** Which distribution of which version. */
  val identity: Requirement

  /** The file or folder that they are in. */
  val place: Path

  /** What torch needs besides; null if it brings everything along. */
  val needs: List<Requirement>?

  val libraries: List<Library>

  override fun close() = Unit
}

/** Where shared libraries are in distributions and in libtorch's own zip, and which of them only Python needs. */
internal object LibraryNames {
  private val NAME = Regex("""[A-Za-z0-9][A-Za-z0-9._+-]{0,120}\.so(\.[0-9]+)*""")
  private val FOLDER = Regex("""([A-Za-z0-9][A-Za-z0-9_-]{0,60}/){1,3}lib""")
  private val OF_PYTHON = listOf("libtorch_python", "libshm", "libtorch_global_deps")
  const val TORCH = "torch/lib"

  /** Whether the file [path] of a distribution is one that is installed. */
  fun isWanted(path: String): Boolean =
    FOLDER.matches(path.substringBeforeLast('/', "")) && isLibrary(path.substringAfterLast('/'))

  fun isLibrary(name: String): Boolean = NAME.matches(name) && OF_PYTHON.none(name::startsWith)
}

/** Libraries that lie in [folder], as files of [target]. */
internal fun librariesIn(folder: Path, target: String, sha256: (String) -> String? = { null }): List<Library> =
  if (!folder.isDirectory()) emptyList()
  else
    folder
      .listDirectoryEntries()
      .filter { it.isRegularFile() && LibraryNames.isLibrary(it.name) }
      .sorted()
      .map { file -> "$target/${file.name}".let { Library(it, file.fileSize(), sha256(it), file::inputStream) } }
