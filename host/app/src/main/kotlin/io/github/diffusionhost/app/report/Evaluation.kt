package io.github.diffusionhost.app.report

import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.useLines
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json

/**
 * One evaluation of a run: a line of `evaluations.jsonl`.
 *
 * @property step optimizer steps done
 * @property weights which weights: `model`, `ema`, …
 * @property values the numbers by name
 * @property protocol what the numbers depend on; numbers of different protocols do not compare
 * @property figures pictures, as paths in the run's folder
 */
@Serializable
data class Evaluation(
  val step: Long,
  val images: Long,
  val metric: String,
  val weights: String = "model",
  val values: Map<String, Double?> = emptyMap(),
  val protocol: Map<String, String> = emptyMap(),
  val seconds: Double? = null,
  val figures: List<String> = emptyList(),
) {
  /** What two evaluations have in common whose numbers compare. */
  val comparable: Pair<String, Map<String, String>>
    get() = metric to protocol.toSortedMap()

  companion object {
    private val FORMAT = Json {
      ignoreUnknownKeys = true
      isLenient = true
      allowSpecialFloatingPointValues = true
    }

    /** Reads a file, by rising step; lines that are no evaluations are left out, and [note] is told how many. */
    fun read(file: Path, note: (String) -> Unit): List<Evaluation> {
      if (!file.exists()) return emptyList()
      var damaged = 0
      val all = file.useLines { lines ->
        lines
          .filter(String::isNotBlank)
          .mapNotNull { line ->
            try {
              FORMAT.decodeFromString<Evaluation>(line)
            } catch (_: SerializationException) {
              damaged++
              null
            }
          }
          .toList()
      }
      if (damaged > 0) note("$damaged lines of evaluations.jsonl cannot be read and are left out.")
      val newest = all.associateBy { Triple(it.step, it.weights, it.comparable) }
      return newest.values.sortedBy { it.step }
    }
  }
}
