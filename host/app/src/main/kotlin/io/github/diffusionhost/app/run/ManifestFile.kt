package io.github.diffusionhost.app.run

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.api.text.Utf8
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.train.RunDirectory
import java.io.IOException
import kotlin.io.path.exists
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.MissingFieldException

/** `manifest.json` in the folder of a run. */
@OptIn(ExperimentalSerializationApi::class)
class ManifestFile(directory: RunDirectory) {
  private val file = directory.manifest()

  /**
   * What it says; null if it is not there.
   *
   * @throws UserError if it is damaged
   */
  fun read(): Manifest? =
    try {
      if (file.exists()) Manifest.parse(Utf8.read(file)) else null
    } catch (e: MissingFieldException) {
      throw damaged(
        "${Printable.path(file)} is no manifest of a run, for it lacks ${e.missingFields.joinToString(", ")}",
        e,
      )
    } catch (e: IllegalArgumentException) {
      throw damaged(
        "${Printable.path(file)} is damaged: ${Printable.line(e.message.orEmpty().lines().first(), LONGEST_REASON)}",
        e,
      )
    } catch (e: IOException) {
      throw damaged(e.message.orEmpty(), e)
    }

  private fun damaged(what: String, cause: Exception) =
    UserError("$what; put back a copy, or move it away to do without what it says", cause = cause)

  /** Writes it whole or not at all. */
  fun write(manifest: Manifest) = AtomicFile.write(file, manifest.toJson().toByteArray())

  /** Changes it, if it is there. */
  fun update(change: Manifest.() -> Manifest) {
    read()?.let { write(it.change()) }
  }

  private companion object {
    const val LONGEST_REASON = 200
  }
}
