package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.evaluate.record.EvaluatedWeights
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.github.diffusionhost.app.evaluate.record.foundInTraining
import io.github.diffusionhost.app.evaluate.record.numberName
import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.outOfMemory
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.SharedDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.network.Weights
import io.github.diffusionhost.engine.train.Evaluations
import io.github.diffusionhost.engine.train.RunDirectory
import java.io.IOException
import java.io.PrintStream
import org.slf4j.LoggerFactory

/**
 * Runs the metrics of a config during its training. What they look at is a second network with a copy of the weights,
 * so that nothing they do reaches the training. The numbers are those that `host evaluate` finds of the same
 * checkpoint.
 *
 * A metric that fails ends no training: it is a warning, and the next evaluation tries again.
 *
 * @param trained the images of the training, which metrics may want, too
 * @param directory of the run; asked for when the first step is about to be done
 * @param steps the length of the training
 * @param datasetSize images of an epoch
 * @param follow told of the work inside metrics
 * @param faults names the plugins in which something goes wrong
 * @param err where it is told how far the sampling is
 */
internal class TrainingEvaluations(
  assembly: RunAssembly,
  private val config: RunConfig,
  spec: ImageSpec,
  trained: SharedDataset,
  directory: () -> RunDirectory,
  manager: NDManager,
  private val steps: Long,
  private val datasetSize: Long,
  private val follow: MetricFollower,
  private val faults: PluginFaults,
  err: PrintStream,
) : Evaluations, AutoCloseable {
  private val log = LoggerFactory.getLogger(TrainingEvaluations::class.java)
  private val averages = config.train.ema()
  private val weights = EvaluatedWeights.of(if (averages.isEmpty()) "model" else "ema", averages)
  private val own: NDManager = manager.newSubManager()
  private val network: Network = assembly.network(config, spec, own)
  private val evaluation = Evaluation(assembly, config, spec, network, own, config.seed, trained)
  private val images = GeneratedImages(evaluation, null, err) { assembly.samplePlan(config, spec, network) }
  private val run by lazy(directory)
  private val file by lazy { EvaluationFile(run.evaluations()) }
  private val said = mutableSetOf<String>()
  private val ranking = Ranking(config.metrics.find { it.best != null }, weights.name)

  /**
   * Finds out whether the metrics fit the network and the data, before anything takes long.
   *
   * @throws UserError if one does not
   * @throws IOException if files that a metric needs cannot be had
   */
  fun check() = evaluation.check(config.metrics, follow)

  override fun restart(done: Long) = file.removeAfter(done)

  override fun found(): Map<Long, Map<String, Double>> = foundInTraining(file, ::warnOnce)

  override fun due(step: Long): Boolean = config.metrics.any { it.dueAt(step) }

  override fun measure(step: Long, weights: Weights): Map<String, Double> {
    val known = records().filter { it.step == step }.map { it.metric }
    val wanted = config.metrics.filter { it.dueAt(step) && it.provider.name() !in known }
    if (wanted.isEmpty()) return emptyMap()
    try {
      network.weights().load(weights.values())
      val found = evaluation.run(wanted, images, follow)
      EvaluationLog(run).add(step, step * config.train.batchSize(), this.weights, found, Origin.TRAINING)
      return found.flatMap { it.named() }.toMap()
    } catch (e: InterruptedException) {
      throw e
    } catch (e: UserError) {
      log.warn("step {} is not measured: {}", step, e.message)
    } catch (e: IOException) {
      log.warn(
        "step {} is not measured: {}",
        step,
        listOfNotNull(faults.callOf(e)?.who, e.message ?: e).joinToString(": "),
      )
    } catch (e: Throwable) {
      // A plugin's own fault, missing class or endless recursion, or too little memory.
      val words = faults.words(e) ?: outOfMemory(e)
      if (words == null) log.warn("step {} is not measured", step, e)
      else log.warn("step {} is not measured; the training goes on: {}", step, words)
    }
    return emptyMap()
  }

  override fun ranking(): List<Long> = if (ranking.exists) ranking.of(records(), ::warnOnce) else emptyList()

  override fun close() = own.use { network.use { evaluation.close() } }

  /** The file is read at every checkpoint, and what is wrong with it or the config stays so. */
  private fun warnOnce(what: String) {
    if (said.add(what)) log.warn("{}", what)
  }

  private fun records() = file.all(::warnOnce).filter { it.origin == Origin.TRAINING }

  private fun BoundMetric<*>.dueAt(step: Long): Boolean =
    step == steps || everyImages.due(step, config.train.batchSize(), datasetSize)

  private fun Evaluated.named() = report.values().map { (value, number) -> numberName(name, value) to number }
}
