package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import ai.djl.ndarray.types.Shape
import com.google.gson.JsonObject
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.support.golden.Golden
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.ddpm.samplers.DpmppSampler
import io.github.diffusionhost.plugins.ddpm.samplers.EulerSampler
import io.github.diffusionhost.plugins.ddpm.samplers.HeunSampler
import io.github.diffusionhost.plugins.ddpm.samplers.PndmSampler
import io.github.diffusionhost.plugins.ddpm.samplers.UniPcSampler
import io.github.diffusionhost.plugins.ddpm.spacing.LevelGrid
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

/** The schedulers of diffusers and the samplers that they are. */
private val samplerOf =
  mapOf(
    "DDPMScheduler" to "ddpm",
    "DDIMScheduler" to "ddim",
    "DPMSolverMultistepScheduler" to "dpmpp-2m",
    "UniPCMultistepScheduler" to "unipc",
    "EulerDiscreteScheduler" to "euler",
    "HeunDiscreteScheduler" to "heun",
    "PNDMScheduler" to "pndm",
  )

/** One call of the network: what it was shown and told, and how often noise had been drawn before. */
private class Call(val x: NDArray, val time: Double)

/** The reference's trajectory of a sampler. */
private class Trajectory(manager: NDManager, golden: GoldenSet, name: String) {
  private val json = golden.json("ddpm/samplers/$name")
  private val config: JsonObject = json.getAsJsonObject("config")
  private val numbers = golden.tensors(manager, "ddpm/samplers/$name")
  private val scheduler = json.get("scheduler").asString
  val steps = json.get("num_inference_steps").asInt
  val start = numbers.getValue("x_T")
  val states = numbers.getValue("xs")
  val times = numbers.getValue("timesteps").doubles()
  val sigmas = numbers["sigmas"]?.doubles()
  val draws = numbers["noise"]?.let { noise -> List(noise.shape[0].toInt()) { noise.get(it.toLong()) } } ?: listOf()
  val drawingCalls = numbers["noise_step"]?.toLongArray()?.map { it.toInt() } ?: listOf()
  val tolerance = if (name.startsWith("dpmpp2m_karras")) 1e-4 else 5e-5

  /** In sigma space the network is shown the state divided by this. */
  fun scale(call: Int) =
    if (sampler() is EulerSampler || sampler() is HeunSampler) sqrt(sigmas!![call].let { it * it + 1 }) else 1.0

  /** The calls that end a step. */
  fun ends(): List<Int> =
    when (val sampler = sampler()) {
      is HeunSampler -> times.indices.filter { it % 2 == 1 || it == times.lastIndex }
      is PndmSampler ->
        if (sampler.options().skipPrk()) times.indices.drop(1) else times.indices.filter { it >= 11 || it % 4 == 3 }
      else -> times.indices.toList()
    }

  fun sampler(): Sampler {
    val clip = config.get("clip_sample")?.asBoolean ?: false
    val process =
      options(
        "timesteps" to config.get("num_train_timesteps").asInt,
        "betaStart" to config.get("beta_start").asDouble,
        "betaEnd" to config.get("beta_end").asDouble,
        "prediction" to config.get("prediction_type").asString,
        "clipSample" to clip,
        "clipRange" to (config.get("clip_sample_range")?.asDouble ?: 1.0),
        "variance" to
          (config.get("variance_type")?.takeIf { !it.isJsonNull }?.asString ?: "fixed_small").replace('_', '-'),
      )
    val own = mutableListOf<Pair<String, Any>>("stepsOffset" to config.get("steps_offset").asInt)
    own += "spacing" to config.get("timestep_spacing").asString
    json.getAsJsonObject("step_kwargs").get("eta")?.let { own += "eta" to it.asDouble }
    if (scheduler == "DPMSolverMultistepScheduler") own += "karras" to config.get("use_karras_sigmas").asBoolean
    if (scheduler == "HeunDiscreteScheduler") own += "clipSample" to clip
    if (scheduler == "PNDMScheduler") own += "skipPrk" to config.get("skip_prk_steps").asBoolean
    return sampler(samplerOf.getValue(scheduler), process, *own.toTypedArray())
  }

  /** The levels that the sampler says it takes, as the reference lists them. */
  fun levels(): DoubleArray? =
    when (val sampler = sampler()) {
      is DpmppSampler -> sampler.grid(steps).list()
      is UniPcSampler -> sampler.grid(steps).list()
      is EulerSampler -> sampler.grid(steps).list()
      is HeunSampler ->
        sampler.grid(steps).list().let { all ->
          doubleArrayOf(all[0]) + all.drop(1).dropLast(1).flatMap { listOf(it, it) } + all.last()
        }
      else -> null
    }

  private fun LevelGrid.list() = DoubleArray(steps() + 1) { sigma(it) }
}

class SamplerTrajectorySpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    val listed = Golden.packed.json("ddpm/samplers/index").getAsJsonArray("fixtures")
    for (name in listed.map { it.asJsonObject.get("name").asString }) {
      golden("$name is that of diffusers", "ddpm/samplers/$name") { golden ->
        val expected = Trajectory(manager, golden, name)
        val calls = mutableListOf<Call>()
        val model = DenoisingNetwork { x, time ->
          time.toFloatArray().distinct().size shouldBe 1
          calls += Call(x.duplicate().also { NDScope.unregister(it) }, time.getFloat(0).toDouble())
          x.tanh().mul(time.div(2000).add(0.5).reshape(-1, 1, 1, 1))
        }
        val recorded = RecordedNoise(*expected.draws.toTypedArray())
        val drawing = mutableListOf<Int>()
        val noise =
          object : Noise by recorded {
            override fun normal(shape: Shape): NDArray = recorded.normal(shape).also { drawing += calls.size - 1 }
          }
        val told = mutableListOf<NDArray>()
        val result =
          expected
            .sampler()
            .sample(
              model,
              expected.start,
              Sampling(expected.steps, noise) { step, state ->
                step shouldBe told.size + 1
                told += state.duplicate()
              },
            )

        recorded.remaining() shouldBe 0
        drawing shouldBe expected.drawingCalls
        val times = calls.map { it.time }.toDoubleArray()
        if (expected.times.all { it == Math.rint(it) }) times shouldBe expected.times
        else times.shouldBeRelativelyWithin(1e-5, expected.times)
        expected.sigmas?.let { expected.levels()!!.shouldBeRelativelyWithin(1e-5, it) }
        for ((i, call) in calls.withIndex()) {
          withClue("the state before call $i") {
            call.x.mul(expected.scale(i)).shouldBeScaledWithin(expected.tolerance, expected.states.get(i.toLong()))
          }
        }
        val ends = expected.ends()
        told.size shouldBe ends.size
        for ((state, end) in told.zip(ends)) {
          withClue("the state after call $end") {
            state.shouldBeScaledWithin(expected.tolerance, expected.states.get(end + 1L))
          }
        }
        result shouldBe told.last()
      }
    }
  })
