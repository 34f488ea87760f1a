package io.github.diffusionhost.app.train

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundModel
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.digits
import io.github.diffusionhost.app.words.duration
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.step.StepCompiler
import io.github.diffusionhost.engine.step.TrainingSetup

/** Says before a training how long it will take, by measuring a few images. */
internal class Forecast(
  private val assembly: RunAssembly,
  private val config: RunConfig,
  private val data: TrainingImages,
  private val device: NDManager,
) {
  /**
   * One sentence on the time, and for a long training one on what would be quicker.
   *
   * @param left images still to train on
   * @param imagesPerSecond how fast the config's own network is
   */
  fun describe(left: Long, imagesPerSecond: Double): List<String> {
    val seconds = left / imagesPerSecond
    val where = if (device.device.isGpu) "this GPU" else "this CPU"
    val lines =
      mutableListOf(
        "About ${duration(seconds)} for ${count(left)} images, at ${digits(imagesPerSecond)} a second on $where"
      )
    if (seconds > LONG) lines += quicker(left, imagesPerSecond)
    return lines
  }

  private fun quicker(left: Long, own: Double): List<String> {
    val presets = presets(config.model).mapValues { (_, model) -> speed(model) }.filter { it.value > 1.3 * own }
    val smaller = presets.map { (name, speed) -> "--set model.preset=$name: about ${duration(left / speed)}" }
    return listOf("Quicker:") + (smaller + "--set train.images=N for fewer images").map { "  $it" }
  }

  private fun <O : Record> presets(model: BoundModel<O>): Map<String, BoundModel<O>> =
    inPluginOf(model.provider) { model.provider.presets() }
      .filter { it.value != model.options }
      .mapValues { BoundModel(model.provider, it.value) }

  private fun speed(model: BoundModel<*>): Double =
    device.newSubManager().use { scope ->
      assembly.network(config, ImageSpec.of(data.dataset()), scope, model).use { network ->
        val plain = OptimizerOptions(OptimizerOptions.Kind.SGD, 0.0, listOf(0.9, 0.999), 1e-8, 0.0, 0.0)
        val batches =
          DatasetBatches(data, scope, config.seed, config.train.labelDropout(), config.train.noiseOn(scope.device))
        val micro = minOf(IMAGES, config.train.microBatch())
        val optimizer = OptimizerState.of(plain, network.trainable())
        val setup = TrainingSetup(network, batches, micro, micro, optimizer, 0.0, listOf())
        StepCompiler.step(setup, config.train.execution()).use {
          it.imagesPerSecond(micro)
        }
      }
    }

  companion object {
    /** Images that a measurement takes. */
    const val IMAGES = 32

    private const val LONG = 30 * 60.0
  }
}
