package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.run.RunDirectory
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlinx.serialization.SerializationException

/** `manifest.json` in the folder of a run. */
class ManifestFile(directory: RunDirectory) {
  private val file = directory.manifest()

  /**
   * What it says; null if it is not there.
   *
   * @throws UserError if it is damaged
   */
  fun read(): Manifest? =
    try {
      if (file.exists()) Manifest.parse(file.readText()) else null
    } catch (e: SerializationException) {
      val what = "$file is damaged: ${e.message?.lines()?.first()}"
      throw UserError("$what; put back a copy, or move it away to do without what it says", cause = e)
    }

  /** Writes it whole or not at all. */
  fun write(manifest: Manifest) = AtomicFile.write(file, manifest.toJson().toByteArray())

  /** Changes it, if it is there. */
  fun update(change: Manifest.() -> Manifest) {
    read()?.let { write(it.change()) }
  }
}
