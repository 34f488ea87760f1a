package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.max

fun options(vararg set: Pair<String, Any>): DdpmOptions = OptionsSpec.of(DdpmOptions.DEFAULTS).create(mapOf(*set))

fun scheduler(options: DdpmOptions): Scheduler =
  DdpmProvider().create(options, SchedulerContext(ImageShape(3, 8, 8), RecordedNoise()))

/** A sampler by its name, with some of its own options. */
fun sampler(name: String, options: DdpmOptions = options(), vararg set: Pair<String, Any>): Sampler =
  make(scheduler(options).samplers().single { it.name() == name }, mapOf(*set))

val samplerNames: List<String> = scheduler(options()).samplers().map { it.name() }

private fun <O : Record> make(factory: SamplerFactory<O>, set: Map<String, Any>): Sampler =
  factory.create(OptionsSpec.of(factory.defaults()).create(set))

fun NDArray.doubles(): DoubleArray =
  when (dataType) {
    DataType.FLOAT64 -> toDoubleArray()
    DataType.INT64 -> toLongArray().map { it.toDouble() }.toDoubleArray()
    else -> toFloatArray().map { it.toDouble() }.toDoubleArray()
  }

/** Every element differs by at most [tolerance]. */
fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) {
  val other = expected.doubles()
  val own = doubles()
  own.size shouldBe other.size
  for (i in own.indices) {
    withClue("element $i of ${own.size} is ${own[i]}, expected ${other[i]} within $tolerance") {
      (abs(own[i] - other[i]) <= tolerance) shouldBe true
    }
  }
}

/** The largest difference is at most [tolerance] times the largest expected value, or times 1. */
fun NDArray.shouldBeScaledWithin(tolerance: Double, expected: NDArray) =
  shouldBeWithin(tolerance * max(1.0, expected.doubles().maxOf(::abs)), expected)

/** Every element differs by at most [tolerance] times the expected one. */
fun DoubleArray.shouldBeRelativelyWithin(tolerance: Double, expected: DoubleArray) {
  size shouldBe expected.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${expected[i]} within $tolerance of it") {
      (abs(this[i] - expected[i]) <= tolerance * abs(expected[i])) shouldBe true
    }
  }
}
