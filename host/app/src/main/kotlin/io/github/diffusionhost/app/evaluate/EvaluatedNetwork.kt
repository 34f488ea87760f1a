package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.sample.FeatureExtractor
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.LevelPredictor

/**
 * A network that is evaluated with the weights that it has at that time: what was compiled for one evaluation serves
 * the next one, with other weights too.
 *
 * @property spec the images that it was trained on
 * @property network stays the caller's
 */
internal class EvaluatedNetwork(
  val config: RunConfig,
  val spec: ImageSpec,
  val network: Network,
  private val manager: NDManager,
) : AutoCloseable {
  private val extractors = mutableMapOf<List<String>, FeatureExtractor>()
  private val train = config.train
  private var predictor: LevelPredictor? = null

  /** Makes its images; compiled when it is first used. */
  val generator = ImageGenerator(network, spec, manager, train.execution())

  /** @param noise the draws of a network that draws while it computes */
  fun features(names: List<String>, noise: Noise): FeatureExtractor {
    val extractor =
      extractors.getOrPut(names) {
        FeatureExtractor(network, spec, train.labelDropout() > 0, names, train.execution())
      }
    extractor.use(network.weights(), noise)
    return extractor
  }

  /** @param noise the draws of a network that draws while it computes */
  fun prediction(noise: Noise): LevelPredictor {
    val made = predictor ?: LevelPredictor(network, spec, train.execution()).also { predictor = it }
    made.use(network.weights(), noise)
    return made
  }

  override fun close() {
    predictor?.close()
    extractors.values.forEach(FeatureExtractor::close)
    generator.close()
  }
}
