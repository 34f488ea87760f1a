package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.evaluate.record.EvaluatedWeights
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.app.run.warnOfImitatedPrecision
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.files.Sha256
import java.io.PrintStream

/**
 * Evaluates a checkpoint; what is found of a run's is added to the run.
 *
 * @param manager the device
 * @param seed every draw follows from it
 * @param err where it is told how far the sampling is
 */
internal class EvaluateCheckpoint(
  private val assembly: RunAssembly,
  private val manager: NDManager,
  private val seed: Long,
  private val err: PrintStream,
) {
  /**
   * @param config of the checkpoint
   * @param file the weights to look at, one of the checkpoint's files
   * @param asked how many images to generate; null: what each metric's section says
   * @param follow told of the work inside metrics
   * @param say tells a person in a line
   */
  fun run(
    from: Checkpoint,
    config: RunConfig,
    file: String,
    asked: Int?,
    metrics: List<BoundMetric<*>>,
    follow: MetricFollower,
    say: (String) -> Unit,
  ): EvaluationResult {
    val spec = ImageSpec.of(from.state())
    warnOfImitatedPrecision(config.train, manager)
    val found =
      assembly.network(config, spec, manager).use { network ->
        loadWeights(network, from, file)
        Evaluation(assembly, config, spec, network, manager, seed).use { evaluation ->
          val images = GeneratedImages(evaluation, asked, err) { assembly.samplePlan(config, spec, network, seed) }
          val whole = config.copy(metrics = metrics).toYaml()
          val weights = Sha256.of(from.folder().resolve(file))
          val key = PartialEvaluation.key(listOf("checkpoint", weights, whole, "$asked", "$seed", "${manager.device}"))
          evaluation.run(metrics, images, follow, PartialEvaluation(assembly.dataFolder, key, say))
        }
      }
    val weights = EvaluatedWeights.of(file.removeSuffix(".safetensors"), config.train.ema(), from.state())
    val (step, images) = from.state().run { step() to images() }
    EvaluationLog.of(from)?.add(step, images, weights, found, EvaluationRecord.Origin.EVALUATE)
    return EvaluationResult(EvaluationSubject.OfCheckpoint(from.folder(), weights, from.state()), found)
  }
}
