package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.api.exchange.ExchangedScheduler
import io.github.diffusionhost.api.exchange.ForeignConfig
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions
import io.github.diffusionhost.plugins.ddpm.process.DynamicThresholding
import io.github.diffusionhost.plugins.ddpm.process.Mix
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.sqrt

/** Recorded calls of diffusers' schedulers, by the config that they were made with: see `made` in the file. */
private val RECORDED: JsonObject by lazy {
  val text = checkNotNull(DiffusersSamplersSpec::class.java.getResource("/diffusers-samplers.json")).readText()
  JsonParser.parseString(text).asJsonObject
}

private fun JsonArray.floats() = FloatArray(size()) { get(it).asFloat }

private fun plain(value: JsonElement): Any? =
  when {
    value.isJsonNull -> null
    value.asJsonPrimitive.isBoolean -> value.asBoolean
    value.asJsonPrimitive.isNumber && Regex("-?\\d+").matches(value.asString) -> value.asLong
    value.asJsonPrimitive.isNumber -> value.asDouble
    else -> value.asString
  }

/** Settings of diffusers' schedulers, from their config file to the samples. */
class DiffusersSamplersSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager("PyTorch"))
    val shape = Shape(RECORDED.getAsJsonArray("shape").map { it.asLong })

    fun array(values: FloatArray): NDArray = manager.create(values, shape)

    fun imported(recorded: JsonObject): ExchangedScheduler<DdpmOptions> {
      val settings = recorded.getAsJsonObject("config").entrySet().associate { it.key to plain(it.value) }
      val name = recorded.get("scheduler").asString
      val config = ForeignConfig("scheduler_config.json", mapOf("_class_name" to name) + settings)
      return DdpmProvider().diffusers().read(config).also { config.requireUnderstood() }
    }

    fun <O : Record> make(factory: SamplerFactory<O>, options: Record, eta: Double): Sampler {
      @Suppress("UNCHECKED_CAST") val own = options as O
      return factory.create(if (eta == 0.0) own else OptionsSpec.of(own).create(mapOf("eta" to eta)))
    }

    for (each in RECORDED.getAsJsonArray("fixtures")) {
      val recorded = each.asJsonObject
      test("${recorded.get("name").asString} samples as diffusers does") {
        val read = imported(recorded)
        val factory = scheduler(read.options()).samplers().single { it.name() == read.sampler() }
        val sampler = make(factory, read.samplerOptions(), recorded.get("eta").asDouble)
        val noise =
          RecordedNoise(*recorded.getAsJsonArray("noise").map { array(it.asJsonArray.floats()) }.toTypedArray())
        val told = mutableListOf<Double>()
        val network = DenoisingNetwork { x, time ->
          told += time.getFloat(0).toDouble()
          x.tanh().mul(time.div(2000).add(0.5).reshape(-1, 1, 1, 1))
        }
        val start = array(RECORDED.getAsJsonArray("x_T").floats())
        val result =
          sampler.sample(network, start, Sampling(recorded.get("steps").asInt, noise, Sampling.Listener.NONE))
        noise.remaining() shouldBe 0
        val times = recorded.getAsJsonArray("timesteps").map { it.asDouble }
        // Times between timesteps follow from a product of 1,000 numbers in float32 there, and in float64 here.
        told.toDoubleArray().shouldBeRelativelyWithin(2e-4, times.toDoubleArray())
        result.shouldBeScaledWithin(1e-4, array(recorded.getAsJsonArray("result").floats()))
      }
    }

    test("what is imported is what is written again") {
      for (each in RECORDED.getAsJsonArray("fixtures").map { it.asJsonObject }) {
        val read = imported(each)
        val written = DdpmProvider().diffusers().write(read)
        val given = each.getAsJsonObject("config").entrySet().associate { it.key to plain(it.value) }
        for (key in listOf("thresholding", "dynamic_thresholding_ratio", "sample_max_value")) {
          if (key in given) written[key] shouldBe given[key]
        }
      }
    }

    /**
     * How far a solver with the right network of normal pixels, N(0, 1/4), is from the exact solution at t = 270: there
     * the state keeps its quantile. Of 37 steps and of 111 that timestep is one.
     */
    fun error(name: String, steps: Int): Double {
      val options = options("prediction" to "sample")
      val schedule = NoiseSchedule.of(options)
      fun variance(mix: Mix) = mix.signal() * mix.signal() / 4 + mix.noise() * mix.noise()
      val network = DenoisingNetwork { x, time ->
        val mix = schedule.mix(time.getFloat(0).toInt())
        x.mul(mix.signal() / 4 / variance(mix))
      }
      val stride = 999 / steps
      val states = mutableListOf<Double>()
      sampler(name, options)
        .sample(
          network,
          manager.ones(Shape(1, 1, 1, 1)),
          Sampling(steps, RecordedNoise()) { _, x -> states += x.getFloat(0).toDouble() },
        )
      val exact = sqrt(variance(schedule.mix(270)) / variance(schedule.mix(999)))
      return abs(states[(999 - 270) / stride - 1] - exact)
    }

    test("DPM-Solver++ of second order converges as such, and of third order is several times as exact") {
      val (second, third) = listOf("dpmpp-2m", "dpmpp-3m").map { name -> listOf(37, 111).map { error(name, it) } }
      withClue("$second $third") {
        // A third of the step, a ninth of the error.
        second[0] / second[1] shouldBe (9.0 plusOrMinus 1.0)
        (third[0] < second[0] / 4) shouldBe true
        (third[1] < second[1] / 4) shouldBe true
      }
    }

    test("dynamic thresholding divides an image by its own quantile, and by no less than 1") {
      val images = manager.create(floatArrayOf(-4f, 2f, 0.5f, 1f, 0.2f, -0.4f, 0.1f, 0.3f), Shape(2, 1, 2, 2))
      // Of absolute values 0.5, 1, 2, 4 the quantile 0.5 is 1.5; those of the other image stay below 1.
      val expected = floatArrayOf(-1f, 1f, 0.5f / 1.5f, 1f / 1.5f, 0.2f, -0.4f, 0.1f, 0.3f)
      DynamicThresholding(0.5, 10.0).apply(images).toFloatArray().toList() shouldBe expected.toList()
      DynamicThresholding(0.5, 1.2).apply(images).toFloatArray()[2] shouldBe 0.5f / 1.2f
    }
  })
