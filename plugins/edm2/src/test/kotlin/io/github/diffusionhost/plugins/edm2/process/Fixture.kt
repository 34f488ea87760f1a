package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import kotlin.math.abs

fun options(vararg set: Pair<String, Any>): Edm2SchedulerOptions =
  OptionsSpec.of(Edm2SchedulerOptions.DEFAULTS).create(mapOf(*set))

fun scheduler(options: Edm2SchedulerOptions, noise: Noise): Scheduler =
  Edm2SchedulerProvider().create(options, SchedulerContext(ImageShape(3, 8, 8), noise))

/** A sampler by its name, with some of its own options. */
fun sampler(name: String, vararg set: Pair<String, Any>): Sampler {
  val without = scheduler(options("uncertainty" to "none"), RecordedNoise())
  return make(without.samplers().single { it.name() == name }, mapOf(*set))
}

private fun <O : Record> make(factory: SamplerFactory<O>, set: Map<String, Any>): Sampler =
  factory.create(OptionsSpec.of(factory.defaults()).create(set))

internal fun NDArray.doubles(): DoubleArray = toType(DataType.FLOAT64, false).toDoubleArray()

/** Every element differs by at most [tolerance]. */
fun DoubleArray.shouldBeWithin(tolerance: Double, expected: DoubleArray) {
  size shouldBe expected.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${expected[i]} within $tolerance") {
      (abs(this[i] - expected[i]) <= tolerance) shouldBe true
    }
  }
}

fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) =
  doubles().shouldBeWithin(tolerance, expected.doubles())
