package io.github.diffusionhost.app.selftest.check

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.difference
import io.github.diffusionhost.app.selftest.golden.load
import io.github.diffusionhost.app.selftest.part
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.InPlace
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.SamplePlan
import java.util.Random

/** Images of every sampler against those of the CPU, operation by operation; and one image alone and among others. */
internal class SamplingCheck : SelfCheck {
  override val area = "sampling"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    val recipes = listOf(SmallRecipe.R3, SmallRecipe.R1, SmallRecipe.R4_C)
    for (recipe in if (subject.quick) recipes.take(1) else recipes) {
      part(recipe.name, found) { compare(subject, recipe, found) }
    }
  }

  private fun compare(subject: Subject, recipe: SmallRecipe, found: (Measured) -> Unit) {
    val config = recipe.config(subject)
    val images = recipe.onImages(subject, config, subject.host) { ImageSpec.of(it.dataset()) }
    subject.assembly.network(config, images, subject.host).use { right ->
      stir(right)
      subject.assembly.network(config, images, subject.manager).use { own ->
        own.weights().load(right.weights().values().mapValues { it.value.toDevice(subject.device, true) })
        ImageGenerator(right, images, subject.host, Execution.EAGER).use { there ->
          ImageGenerator(own, images, subject.manager, Execution.COMPILED).use { here ->
            for (name in right.scheduler().samplers().map { it.name() }) {
              val expected = sample(there, right, config, name, 0, COUNT).values()
              val together = sample(here, own, config, name, 0, COUNT).values()
              val alone = sample(here, own, config, name, ONE, 1).values()
              val among = together.copyOfRange(ONE * alone.size, (ONE + 1) * alone.size)
              found(Measured.of(area, "${recipe.name}, $name", difference(together, expected), IMAGES))
              found(Measured.of(area, "${recipe.name}, $name, one image alone", difference(alone, among), ALONE))
            }
          }
        }
      }
    }
  }

  /** Fresh networks may give nothing but zeros: their last weights are. */
  private fun stir(network: Network) {
    for ((name, array) in network.weights().values()) {
      val random = Random(name.hashCode().toLong())
      val values = array.toFloatArray()
      for (i in values.indices) values[i] += (STIR * random.nextGaussian()).toFloat()
      array.manager.create(values, array.shape).use { InPlace.copy(it, array) }
    }
  }

  private fun sample(
    generator: ImageGenerator,
    network: Network,
    config: RunConfig,
    sampler: String,
    first: Int,
    count: Int,
  ): NDArray {
    val factory = network.scheduler().samplers().first { it.name() == sampler }
    val plan = SamplePlan(made(factory), STEPS, 1.0, listOf(0, 1), config.seed)
    return generator.generate(plan, network.weights(), first, count, null, Sampling.Listener.NONE)
  }

  private fun <O : Record> made(factory: SamplerFactory<O>): Sampler = factory.create(factory.defaults())

  private companion object {
    const val COUNT = 3
    const val ONE = 2
    const val STEPS = 6
    const val STIR = 0.02
    const val IMAGES = 2e-3
    const val ALONE = 2e-3
  }
}
