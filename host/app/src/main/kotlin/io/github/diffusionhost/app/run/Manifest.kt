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
 * @property id tells this run from every other; its checkpoints have it, too. Null: the program gave none yet
 * @property peakMemoryBytes the most memory that the process has had, of all that trained; null if that is not known
 * @property changes what was changed on the way, in the order of the steps; null: the program did not record that yet
 * @property newestCheckpoint the step of the newest checkpoint that was written; null: none yet
 * @property parent the checkpoint that a fork began with
 * @property weights the weights that a new run began with
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
  val id: String? = null,
  val peakMemoryBytes: Long? = null,
  val changes: List<Change>? = null,
  val newestCheckpoint: Long? = null,
  val parent: Parent? = null,
  val weights: Weights? = null,
) {
  /** The images as they were in memory. */
  @Serializable data class DatasetEntry(val images: Int, val shape: List<Int>, val classes: Int, val sha256: String)

  /** A jar that the run used. */
  @Serializable
  data class PluginEntry(val id: String, val version: String, val jar: String, val sha256: String) {
    constructor(plugin: LoadedPlugin) : this(plugin.id, plugin.version, "${plugin.jar}", plugin.sha256)
  }

  /**
   * Something that is another one after a step than before.
   *
   * @property key an option of the config, or a part such as `plugin dit`
   * @property from the value up to the step; null: there was none
   * @property to the value from then on; null: there is none
   */
  @Serializable data class Change(val step: Long, val key: String, val from: String?, val to: String?)

  /**
   * A checkpoint of another run.
   *
   * @property run its folder
   * @property sha256 of its state.json, which has the checksums of all its files
   */
  @Serializable data class Parent(val run: String, val step: Long, val sha256: String)

  /**
   * Weights that lay somewhere.
   *
   * @property from the folder: a run's, a checkpoint's, one of diffusers
   * @property step of the checkpoint; null: it has none
   * @property sha256 of each file by its path below the folder
   * @property loaded how many tensors the network has from there
   * @property missing the network's tensors that are not there, and so as a new network has them
   * @property reshaped those that have another shape there
   * @property unused the tensors that the network has not
   */
  @Serializable
  data class Weights(
    val from: String,
    val step: Long?,
    val sha256: Map<String, String>,
    val loaded: Int,
    val missing: List<String>,
    val reshaped: List<String>,
    val unused: List<String>,
  )

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
        null // no git
      }
  }
}
