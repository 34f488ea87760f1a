package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.step.TrainingSetup

/**
 * What a config trains, at its beginning: a network of its own, with optimizer, averages and batches.
 *
 * @param manager the device
 */
internal class TrainingParts(
  assembly: RunAssembly,
  config: RunConfig,
  data: TrainingImages,
  manager: NDManager,
) : AutoCloseable {
  private val train = config.train
  private val scope = manager.newSubManager()
  val network = assembly.network(config, ImageSpec.of(data.dataset()), scope)
  private val optimizer = OptimizerState.of(train.optimizer(), network.trainable())
  val averages = train.ema().map { Ema(it, network.weights()) }
  val setup =
    TrainingSetup(
      network,
      DatasetBatches(data, scope, config.seed, train.labelDropout(), train.noiseOn(scope.device)),
      train.batchSize(),
      train.microBatchSize(),
      optimizer,
      train.clipNorm(),
      averages,
    )

  override fun close() {
    averages.forEach(Ema::close)
    optimizer.close()
    network.close()
    scope.close()
  }
}
