package io.github.diffusionhost.app.sample

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.sample.Guide

/**
 * A checkpoint whose network guides another one in sampling.
 *
 * @param name what a person called it
 * @param config its own config
 * @param weights the file of the weights that are used
 */
class GuideCheckpoint(
  private val name: String,
  private val checkpoint: Checkpoint,
  private val config: RunConfig,
  private val weights: String,
) {
  /**
   * Makes the guide of [main], whose config is [mainConfig]; [body] runs with it.
   *
   * @throws io.github.diffusionhost.app.words.UserError if it cannot guide that network
   */
  fun <T> use(
    assembly: RunAssembly,
    main: Network,
    mainConfig: RunConfig,
    images: ImageSpec,
    manager: NDManager,
    body: (Guide) -> T,
  ): T {
    val fit = GuideFit(mainConfig, images)
    fit.require(GuideFit(config, ImageSpec.of(checkpoint.state())), name)
    return assembly.network(config, images, manager).use { network ->
      fit.requireSameProcess(main.scheduler(), network.scheduler(), checkNotNull(mainConfig.sample.steps()), name)
      loadWeights(network, checkpoint, weights)
      body(Guide(network, network.weights()))
    }
  }
}
