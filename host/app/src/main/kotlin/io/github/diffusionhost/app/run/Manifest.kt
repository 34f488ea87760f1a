package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.plugins.LoadedPlugin
import java.io.IOException
import java.nio.file.Path
import java.time.Instant
import java.util.concurrent.TimeUnit
import kotlinx.serialization.Serializable
import kotlinx.serialization.encodeToString
import kotlinx.serialization.json.Json

/**
 * What a run was made from: `manifest.json`.
 *
 * @property peakMemoryBytes the most memory that the process has had, of all that trained; null if that is not known
 */
@Serializable
data class Manifest(
  val started: String,
  val commandLine: List<String>,
  val host: String,
  val api: String,
  val java: String,
  val system: String,
  val pytorch: String,
  val device: String,
  val seed: Long,
  val parameters: Long,
  val dataset: DatasetEntry,
  val plugins: List<PluginEntry>,
  val gitRevision: String?,
  val peakMemoryBytes: Long? = null,
) {
  /** The images as they were in memory. */
  @Serializable data class DatasetEntry(val images: Int, val shape: List<Int>, val classes: Int, val sha256: String)

  /** A jar that the run used. */
  @Serializable
  data class PluginEntry(val id: String, val version: String, val jar: String, val sha256: String) {
    constructor(plugin: LoadedPlugin) : this(plugin.id, plugin.version, "${plugin.jar}", plugin.sha256)
  }

  /** The text of the file. */
  fun toJson(): String = FORMAT.encodeToString(this) + "\n"

  companion object {
    private val FORMAT = Json {
      prettyPrint = true
      ignoreUnknownKeys = true
    }

    /** Reads the text of a file. */
    fun parse(text: String): Manifest = FORMAT.decodeFromString(text)

    /** The time now, to the second. */
    fun now(): String = Instant.now().toString().substringBefore('.').removeSuffix("Z") + "Z"

    /** The revision of the git repository around a folder; null if there is none, or no git. */
    fun gitRevision(folder: Path): String? =
      try {
        val git =
          ProcessBuilder("git", "rev-parse", "HEAD").directory(folder.toFile()).redirectErrorStream(true).start()
        val answer = git.inputStream.bufferedReader().readText().trim()
        answer.takeIf {
          git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 && Regex("[0-9a-f]{40,64}").matches(it)
        }
      } catch (_: IOException) {
        null
      }
  }
}
