package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.evaluate.record.EvaluatedWeights
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.github.diffusionhost.app.evaluate.record.jsonValues
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.exists
import kotlin.io.path.name

/** The evaluations of a run: a line of `evaluations.jsonl` for each, and figures in `evaluations/`. */
class EvaluationLog(private val run: RunDirectory) {
  private val file = EvaluationFile(run.evaluations())

  /**
   * Adds what was found; each line is written at once.
   *
   * @param step optimizer steps done
   * @param images images seen in training
   */
  fun add(step: Long, images: Long, weights: EvaluatedWeights, found: List<Evaluated>, origin: Origin) {
    for (metric in found) {
      val figures =
        metric.report.figures().map { figure ->
          val file = "step-%06d-%s-%s-%s.png".format(Locale.ROOT, step, weights.name, metric.name, figure.name())
          Files.createDirectories(run.evaluationFigures())
          AtomicFile.write(run.evaluationFigures().resolve(file), figure.png())
          "${run.evaluationFigures().name}/$file"
        }
      val values = metric.report.jsonValues()
      file.append(
        EvaluationRecord(
          step,
          images,
          metric.name,
          weights.name,
          values,
          metric.report.protocol(),
          metric.seconds,
          figures,
          origin,
          weights.average,
        )
      )
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
