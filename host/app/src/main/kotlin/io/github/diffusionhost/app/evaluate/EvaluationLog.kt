package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.evaluate.record.EvaluatedWeights
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.github.diffusionhost.app.evaluate.record.jsonValues
import io.github.diffusionhost.app.run.isOwn
import io.github.diffusionhost.app.run.knownId
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.exists
import kotlin.io.path.name
import org.slf4j.Logger
import org.slf4j.LoggerFactory

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
    /** The run that a checkpoint is part of; null if it is kept by itself, or was made in another run. */
    fun of(checkpoint: Checkpoint): EvaluationLog? {
      val run = around(checkpoint.folder()) ?: return null
      if (isOwn(knownId(run.root()), checkpoint)) return EvaluationLog(run)
      LOG.warn(
        "{} was made in another run than {}: what is found of it is not added to that run's {}",
        checkpoint.folder(),
        run.root(),
        run.evaluations().name,
      )
      return null
    }

    private fun around(checkpoint: Path): RunDirectory? {
      val run = checkpoint.toAbsolutePath().normalize().parent?.parent?.let(::RunDirectory) ?: return null
      val inRun = run.config().exists() && checkpoint.toAbsolutePath().normalize().parent == run.checkpoints()
      return run.takeIf { inRun }
    }

    private val LOG: Logger = LoggerFactory.getLogger(EvaluationLog::class.java)
  }
}
