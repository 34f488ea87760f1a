package io.github.diffusionhost.app.config

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.plugins.readProvider
import java.nio.file.Path

/** Providers that have options and make nothing. */
class FakeRegistry(providers: List<Provider<*>> = EVERY) : ProviderRegistry {
  private val known = providers.map { readProvider(it) }

  override fun all() = known

  companion object {
    val EVERY = listOf(Dit(), UNet(), FlowMatch(), Ddpm(), Glyphs(), Mnist(), Fid())
  }
}

enum class Positions {
  ALIGNED,
  AS_PUBLISHED,
}

@JvmRecord
data class MlpOptions(
  @all:Option("hidden over input width", min = 0.5, max = 16.0) val ratio: Float,
  @all:Option("how it bends", allowed = ["gelu", "silu"]) val activation: String,
)

@JvmRecord
data class DitOptions(
  @all:Option("patch edge", min = 1.0, max = 16.0) val patch: Int,
  @all:Option("token width", min = 1.0) val width: Int,
  @all:Option("heads", min = 1.0) val heads: Int,
  @all:Option("where tokens think they are") val positions: Positions,
  @all:Option("spread of the initial weights", min = 0.0) val initStd: Double,
  @all:Option("whether attention has a bias") val bias: Boolean,
  @all:Option("width of each level", min = 1.0, max = 4096.0) val levels: List<Int>,
  @all:Option("the two layers after attention") val mlp: MlpOptions,
  @all:Option("weights to start from") val weights: Path?,
) {
  init {
    require(width % heads == 0) { "heads $heads does not divide width $width" }
  }
}

class Dit : ModelProvider<DitOptions> {
  override fun name() = "dit"

  override fun summary() = "a transformer"

  override fun defaults() =
    DitOptions(2, 256, 4, Positions.ALIGNED, 0.002, true, listOf(1, 2), MlpOptions(4f, "gelu"), null)

  override fun presets() =
    mapOf("mnist" to defaults(), "small" to defaults().copy(patch = 4, width = 128, bias = false))

  override fun recommendedTraining() = mapOf("batchSize" to "64", "optimizer.lr" to "2e-3", "steps" to "1_000")

  override fun create(options: DitOptions, context: ModelContext) = throw UnsupportedOperationException()
}

@JvmRecord data class UNetOptions(@all:Option("base width", min = 1.0) val width: Int)

class UNet : ModelProvider<UNetOptions> {
  override fun name() = "unet"

  override fun summary() = "a network of convolutions"

  override fun defaults() = UNetOptions(128)

  override fun create(options: UNetOptions, context: ModelContext) = throw UnsupportedOperationException()
}

enum class Times {
  LOGIT_NORMAL,
  UNIFORM,
}

@JvmRecord
data class FlowMatchOptions(
  @all:Option("how times are drawn") val times: Times,
  @all:Option("fixed shift of the times", min = 0.0) val shift: Double?,
)

class FlowMatch : SchedulerProvider<FlowMatchOptions> {
  override fun name() = "flowmatch"

  override fun summary() = "straight lines from noise to images"

  override fun defaults() = FlowMatchOptions(Times.LOGIT_NORMAL, null)

  override fun create(options: FlowMatchOptions, context: SchedulerContext): Scheduler {
    require(options.shift != 13.0) { "shift 13 brings bad luck" }
    return FakeScheduler(Euler(20), Heun())
  }
}

@JvmRecord data class DdpmOptions(@all:Option("timesteps", min = 1.0) val timesteps: Int)

class Ddpm : SchedulerProvider<DdpmOptions> {
  override fun name() = "ddpm"

  override fun summary() = "a chain of small steps"

  override fun defaults() = DdpmOptions(1000)

  override fun create(options: DdpmOptions, context: SchedulerContext): Scheduler = FakeScheduler(Euler(1000))
}

class FakeScheduler(private vararg val samplers: SamplerFactory<*>) : Scheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward) = throw UnsupportedOperationException()

  override fun levelEdges() = doubleArrayOf(0.0, 1.0)

  override fun at(level: Double) = NoiseLevel(1 - level, level, 0.0, 1.0)

  override fun conditionAt(level: Double) = level

  override fun samplers() = samplers.toList()
}

@JvmRecord data class NoOptions(@all:Option("nothing") val nothing: Boolean)

class Euler(private val steps: Int) : SamplerFactory<NoOptions> {
  override fun name() = "euler"

  override fun summary() = "first order"

  override fun defaults() = NoOptions(false)

  override fun defaultSteps() = steps

  override fun create(options: NoOptions) = Sampler { _, noise, _ -> noise }
}

@JvmRecord data class HeunOptions(@all:Option("noise put back", min = 0.0, max = 1.0) val churn: Double)

class Heun : SamplerFactory<HeunOptions> {
  override fun name() = "heun"

  override fun summary() = "second order"

  override fun defaults() = HeunOptions(0.0)

  override fun defaultSteps() = 10

  override fun create(options: HeunOptions): Sampler {
    require(options.churn != 0.5) { "churn 0.5 is for nobody" }
    return Sampler { _, noise, _ -> noise }
  }
}

@JvmRecord data class GlyphsOptions(@all:Option("images", min = 1.0) val size: Int)

class Glyphs : DatasetProvider<GlyphsOptions> {
  override fun name() = "glyphs"

  override fun summary() = "drawn digits"

  override fun defaults() = GlyphsOptions(10_000)

  override fun open(options: GlyphsOptions, context: DatasetContext) = throw UnsupportedOperationException()
}

@JvmRecord
data class MnistOptions(
  @all:Option("extra black and as many white images", min = 0.0) val blackWhite: Int,
  @all:Option("folder of the files") val folder: Path?,
)

class Mnist : DatasetProvider<MnistOptions> {
  override fun name() = "mnist"

  override fun summary() = "written digits"

  override fun defaults() = MnistOptions(0, null)

  override fun open(options: MnistOptions, context: DatasetContext) = throw UnsupportedOperationException()
}

@JvmRecord data class FidOptions(@all:Option("what sees", allowed = ["classifier", "inception"]) val extractor: String)

class Fid : MetricProvider<FidOptions> {
  override fun name() = "fid"

  override fun summary() = "distance of two sets of images"

  override fun defaults() = FidOptions("classifier")

  override fun presets() = mapOf("paper" to FidOptions("inception"))

  override fun create(options: FidOptions, context: MetricContext) = throw UnsupportedOperationException()
}
