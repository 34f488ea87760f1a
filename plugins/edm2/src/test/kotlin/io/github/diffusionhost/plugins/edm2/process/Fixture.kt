package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.math.abs

/** The golden numbers of EDM2, which lie beside the repository; names are relative to `fixtures/edm2`. */
object Golden {
  private val folder: Path =
    (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
        ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
      .resolve("fixtures/edm2")

  val installed: Enabled =
    if (Files.isDirectory(folder)) Enabled.enabled
    else Enabled.disabled("no golden numbers in ${folder.toAbsolutePath().normalize()}")

  fun tensors(manager: NDManager, name: String): Map<String, NDArray> =
    SafetensorsFile.open(folder.resolve("$name.safetensors"))
      .use { it.readAll(manager) }
      .withDefault { error("no $it in $name") }

  fun json(name: String): JsonObject = JsonParser.parseString(folder.resolve("$name.json").readText()).asJsonObject
}

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

fun NDArray.doubles(): DoubleArray =
  when (dataType) {
    DataType.FLOAT64 -> toDoubleArray()
    else -> toFloatArray().map { it.toDouble() }.toDoubleArray()
  }

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

/** Every element differs by at most [tolerance] times the expected one. */
fun DoubleArray.shouldBeRelativelyWithin(tolerance: Double, expected: DoubleArray) {
  size shouldBe expected.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${expected[i]} within $tolerance of it") {
      (abs(this[i] - expected[i]) <= tolerance * abs(expected[i])) shouldBe true
    }
  }
}
