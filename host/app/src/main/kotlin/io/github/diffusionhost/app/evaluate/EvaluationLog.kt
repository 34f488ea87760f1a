package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.run.RunDirectory
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The evaluations of a run: a line of `evaluations.jsonl` for each, and figures in `evaluations/`. */
internal class EvaluationLog(private val run: RunDirectory) {
  /** Adds what was found; each line is written at once. */
  fun add(result: EvaluationResult) {
    for (metric in result.found) {
      val figures =
        metric.report.figures().map { figure ->
          val file = "step-%06d-%s-%s-%s.png".format(result.state.step(), result.weights, metric.name, figure.name())
          Files.createDirectories(run.evaluationFigures())
          AtomicFile.write(run.evaluationFigures().resolve(file), figure.png())
          JsonPrimitive("${run.evaluationFigures().name}/$file")
        }
      val line =
        JsonObject(
          mapOf(
            "step" to JsonPrimitive(result.state.step()),
            "images" to JsonPrimitive(result.state.images()),
            "metric" to JsonPrimitive(metric.name),
            "weights" to JsonPrimitive(result.weights),
          ) + result.facts(metric) + ("figures" to JsonArray(figures))
        )
      Files.writeString(run.evaluations(), "$line\n", CREATE, APPEND)
    }
  }

  companion object {
    /** The run that a checkpoint is part of; null if it is kept by itself. */
    fun of(checkpoint: Path): EvaluationLog? {
      val run = checkpoint.toAbsolutePath().normalize().parent?.parent?.let(::RunDirectory) ?: return null
      val inRun = run.config().exists() && checkpoint.toAbsolutePath().normalize().parent == run.checkpoints()
      return if (inRun) EvaluationLog(run) else null
    }
  }
}
