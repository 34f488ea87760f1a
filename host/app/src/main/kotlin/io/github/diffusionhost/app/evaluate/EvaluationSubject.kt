package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.evaluate.record.EvaluatedWeights
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import java.nio.file.Path
import kotlinx.serialization.json.JsonPrimitive

/** What was evaluated. */
sealed interface EvaluationSubject {
  /** For people, on one line. */
  fun words(): String

  /** For machines. */
  fun json(): Map<String, JsonPrimitive>

  /**
   * A checkpoint.
   *
   * @property weights which of its weights
   */
  class OfCheckpoint(val folder: Path, val weights: EvaluatedWeights, val state: CheckpointState) : EvaluationSubject {
    override fun words() = "$folder: weights $weights, ${count(state.step())} steps, ${count(state.images())} images"

    override fun json() =
      mapOf(
        "checkpoint" to JsonPrimitive("$folder"),
        "weights" to JsonPrimitive(weights.name),
        "average" to JsonPrimitive(weights.average),
        "step" to JsonPrimitive(state.step()),
        "images" to JsonPrimitive(state.images()),
      )
  }

  /**
   * Images in a folder or a zip.
   *
   * @property size how many there are
   * @property sha256 of their names and bytes
   */
  class OfFiles(val path: Path, val size: Int, val sha256: String) : EvaluationSubject {
    override fun words() = "$path: ${count(size.toLong())} images"

    override fun json() =
      mapOf("files" to JsonPrimitive("$path"), "count" to JsonPrimitive(size), "sha256" to JsonPrimitive(sha256))
  }
}
