package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Path
import kotlin.io.path.name

/**
 * A wheel (PyPA's "Binary distribution format"): its shared libraries, each with the SHA-256 of its `RECORD`.
 *
 * @throws UserError if it is no wheel, or a library in it has no SHA-256
 */
internal class Wheel(override val place: Path) : Part {
  private val zip = GuardedZip(place)
  private val metadata: WheelMetadata
  override val libraries: List<Library>

  init {
    var read = false
    try {
      val information = informationFolder()
      metadata = WheelMetadata.parse(zip.text("$information/METADATA")) ?: refuse("its METADATA names no distribution")
      val record = recordedSha256(zip.text("$information/RECORD"))
      libraries = zip.names.filter(LibraryNames::isWanted).sorted().map { library(it, record) }
      read = true
    } finally {
      if (!read) zip.close()
    }
  }

  override val identity = Requirement(metadata.distribution, metadata.version)
  override val needs: List<Requirement> = metadata.libraries

  /** What its `METADATA` says. */
  fun metadata(): WheelMetadata = metadata

  override fun close() = zip.close()

  private fun informationFolder(): String {
    val folders = zip.names.filter { it.count('/'::equals) == 1 && it.endsWith(".dist-info/METADATA") }
    val folder = folders.singleOrNull()?.substringBefore('/') ?: refuse("it has no METADATA")
    if ("$folder/RECORD" !in zip.names) refuse("it has no RECORD")
    return folder
  }

  private fun library(name: String, record: Map<String, String>): Library {
    val sha256 = record[name] ?: refuse("its RECORD has no SHA-256 of ${Printable.path(name)}")
    return Library(name, zip.bytes(name), sha256) { zip.open(name) }
  }

  private fun refuse(what: String): Nothing =
    throw UserError("${Printable.path(place.name)} is no whole wheel: $what; get it anew from where it is published")
}
