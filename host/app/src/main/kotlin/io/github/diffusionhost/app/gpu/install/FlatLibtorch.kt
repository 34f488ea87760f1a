package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.readText

/** libtorch as PyTorch publishes it for C++: everything in one folder, and no checksums of its files. */
internal class FlatLibtorch
private constructor(
  override val place: Path,
  version: String,
  override val libraries: List<Library>,
  private val closing: () -> Unit,
) : Part {
  override val identity = Requirement("torch", version)
  override val needs: List<Requirement>? = null

  override fun close() = closing()

  companion object {
    private const val VERSION = "build-version"

    /** The one that is unpacked in [folder] or in its `libtorch`; null if there is none. */
    fun inFolder(folder: Path): FlatLibtorch? {
      val root = listOf(folder, folder.resolve("libtorch")).firstOrNull(::isOne) ?: return null
      val version = root.resolve(VERSION)
      if (!version.exists()) refuse(root)
      return FlatLibtorch(root, version.readText().trim(), librariesIn(root.resolve("lib"), LibraryNames.TORCH)) {}
    }

    /** The one that is in a zip. */
    fun inZip(path: Path): FlatLibtorch {
      val zip = GuardedZip(path)
      try {
        val version = zip.names.singleOrNull { it.substringAfterLast('/') == VERSION } ?: refuse(path)
        val folder = version.removeSuffix(VERSION) + "lib/"
        val libraries =
          zip.names
            .filter { it.startsWith(folder) && LibraryNames.isLibrary(it.removePrefix(folder)) }
            .sorted()
            .map { name ->
              val target = "${LibraryNames.TORCH}/${name.removePrefix(folder)}"
              Library(target, zip.bytes(name), null) { zip.open(name) }
            }
        return FlatLibtorch(path, zip.text(version).trim(), libraries, zip::close)
      } catch (e: UserError) {
        zip.close()
        throw e
      }
    }

    private fun isOne(folder: Path) =
      folder.resolve("lib").isDirectory() && folder.resolve("lib/libtorch_cpu.so").exists()

    private fun refuse(place: Path): Nothing =
      throw UserError(
        "${Printable.path(place)} is no libtorch whose version can be told: it has no file $VERSION; get it from " +
          "pytorch.org"
      )
  }
}
