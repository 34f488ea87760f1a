package io.github.diffusionhost.app.cli

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.long
import com.github.ajalt.clikt.parameters.types.restrictTo
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.SamplingOptions
import io.github.diffusionhost.app.cli.command.besides
import io.github.diffusionhost.app.cli.command.ownOption
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.source.OwnOption
import io.github.diffusionhost.app.run.CheckpointConfigs
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.app.run.memoryToUse
import io.github.diffusionhost.app.run.openCheckpoint
import io.github.diffusionhost.app.run.warnOfImitatedPrecision
import io.github.diffusionhost.app.run.weightsFile
import io.github.diffusionhost.app.sample.GuideCheckpoint
import io.github.diffusionhost.app.sample.SampleBatches
import io.github.diffusionhost.app.sample.SampleOutput
import io.github.diffusionhost.app.sample.SamplePreview
import io.github.diffusionhost.app.sample.usesLabels
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.sample.Guide
import io.github.diffusionhost.engine.sample.ImageGenerator
import java.io.File
import java.nio.file.Path

internal val SAMPLE =
  CommandWords(
    "sample",
    "Samples images from a checkpoint. Image i follows from the seed and i alone, whatever the batch. Ctrl-C ends it.",
    "host sample --checkpoint runs/quickstart --out grid.png",
    "host sample --checkpoint runs/quickstart/checkpoints/step-000400 --labels 3,7 --count 64 --steps 50 --out digits/",
    "host sample --checkpoint runs/large --guide runs/small --guidance 2 --out grid.png",
  )

/** `host sample`: images from a checkpoint. */
internal class SampleCommand : HostSubcommand(SAMPLE) {
  private val checkpoint by
    option("--checkpoint", metavar = "DIR")
      .convert { pathOf(it) }
      .required()
      .help("A checkpoint, or a run for its newest one")
  private val count by option("--count", metavar = "N").int().restrictTo(1..(1 shl 24)).help("How many images")
  private val labels by option("--labels", metavar = "0,1,…").help("Labels, in turn; all classes in turn if not given")
  private val sampling by
    SamplingOptions("Guidance scale; 1: none. Needs a network trained with labelDropout, or a --guide")
  private val guide by
    option("--guide", metavar = "DIR")
      .convert { pathOf(it) }
      .help("Autoguidance: lead away from this checkpoint or run, a smaller or less trained network; with --guidance")
  private val guideWeights by option("--guide-weights", metavar = "NAME").help("Like --weights, of the guide")
  private val noise by
    option("--noise", metavar = "FILE")
      .convert { pathOf(it) }
      .help("Start from the tensor `noise` of this safetensors file: unit normal [N,C,H,W]")
  private val stepNoise by
    option("--step-noise", metavar = "FILE")
      .convert { pathOf(it) }
      .help(
        "What the sampler draws in its steps: the tensor `noise` of this safetensors file, unit normal [steps,N,C,H,W], " +
          "draw k of image i at [k,i]. For samplers that draw: ddpm, ddim with eta, dpmpp-2m-sde, heun with churn"
      )
  private val seed by option("--seed", metavar = "S").long().help("Seed; the run's own if not given")
  private val weights by
    option("--weights", metavar = "NAME").help("ema, ema-1, … or model; the first average if there is one")
  private val batch by
    option("--batch", metavar = "N")
      .int()
      .restrictTo(1..65_536)
      .help("Images at a time; what fits into a quarter of the free memory, up to 256, if not given")
  private val settings by
    option("--set", metavar = "KEY=VALUE")
      .multiple()
      .help("Change an option of the checkpoint's config, for example sample.eta=0.5")
  private val previewEvery by
    option("--preview-every", metavar = "N")
      .int()
      .restrictTo(1..100_000)
      .help("Every N steps show the images so far in NAME.preview.png beside --out; removed at the end")
  private val out by
    option("--out", metavar = "PATH")
      .convert { it.also(::pathOf) }
      .required()
      .help("grid.png, a .safetensors file, or a folder/ of PNG files")

  override fun run() {
    val from = openCheckpoint(checkpoint)
    val config = config(from)
    val spec = ImageSpec.of(from.state())
    val file = weightsFile(from, weights)
    val weaker = guideCheckpoint()
    val assembly = services.get<RunAssembly>()
    NDManager.newBaseManager(deviceOf(config.device, config.train.matmul()), "PyTorch").use { manager ->
      warnOfImitatedPrecision(config.train, manager)
      assembly.network(config, spec, manager).use { network ->
        loadWeights(network, from, file)
        val plan = assembly.samplePlan(config, spec, network, seed ?: config.seed, weaker != null)
        val start = noise?.let { readNoise(it, spec.shape, manager) }
        val total = count ?: start?.shape?.get(0)?.toInt() ?: config.sample.count()
        requireNoise(start, total)
        requireLabels(config, network, spec, total)
        val draws = stepNoise?.let { readStepNoise(it, spec.shape, total, manager) }
        val path = Path.of(out)
        val output = SampleOutput.of(path, out.endsWith('/') || out.endsWith(File.separator), spec, manager)
        val train = config.train
        fun sample(guide: Guide?) =
          ImageGenerator(network, guide, spec, manager, train.execution()).use {
            val most = batch ?: it.batch(plan, memoryToUse(manager.device), MOST)
            val batches = SampleBatches(it, plan, network.weights(), spec, streams.err, start, draws)
            previewEvery
              ?.let { every -> SamplePreview(path, every, spec) }
              .use { preview ->
                try {
                  batches.run(total, most, output, preview)
                } catch (e: IllegalArgumentException) {
                  if (draws == null) throw e
                  throw UserError("--step-noise $stepNoise: ${e.message}", ExitCode.USAGE, e)
                }
              }
          }
        if (weaker == null) sample(null) else weaker.use(assembly, network, config, spec, manager, ::sample)
        output.finish()
      }
    }
    println("$out")
  }

  private fun config(from: Checkpoint): RunConfig {
    besides(settings, ownOption("--seed", "seed", seed), ownOption("--count", "sample.count", count))
    val chosen = labels?.let { OwnOption("--labels", "sample.labels", "[$it]", it) }
    return config(from, ConfigRequest(settings = settings, own = besides(settings, *sampling.own, chosen)))
  }

  private fun config(from: Checkpoint, request: ConfigRequest): RunConfig =
    services.get<CheckpointConfigs>().read(from, request)

  private fun guideCheckpoint(): GuideCheckpoint? {
    val path = guide
    if (path == null) {
      if (guideWeights != null) throw UserError("--guide-weights is for --guide, which is not given", ExitCode.USAGE)
      return null
    }
    if (sampling.guidance == null) {
      throw UserError("--guide needs --guidance W: how far to go beyond the guide, for example 2", ExitCode.USAGE)
    }
    val checkpoint = openCheckpoint(path)
    val file = weightsFile(checkpoint, guideWeights, "--guide-weights")
    return GuideCheckpoint("$path", checkpoint, config(checkpoint, ConfigRequest()), file)
  }

  private fun readNoise(file: Path, shape: ImageShape, manager: NDManager): NDArray {
    val noise = SafetensorsFile.open(file).use { it.readFloat32("noise", manager) }
    val fits = noise.shape.dimension() == 4 && noise.shape[0] > 0 && noise.shape == shape.batch(noise.shape[0])
    if (!fits) {
      throw UserError(
        "$file: tensor noise has shape ${noise.shape}, and the network wants (N, ${shape.channels}, ${shape.height}, ${shape.width})",
        ExitCode.USAGE,
      )
    }
    return noise
  }

  private fun readStepNoise(file: Path, shape: ImageShape, total: Int, manager: NDManager): NDArray {
    val noise = SafetensorsFile.open(file).use { it.readFloat32("noise", manager) }
    val found = noise.shape
    val fits = found.dimension() == 5 && found[0] > 0 && found[1] >= total && found.slice(1) == shape.batch(found[1])
    if (!fits) {
      throw UserError(
        "$file: tensor noise has shape $found, and the steps of $total images want (steps, $total, ${shape.channels}, ${shape.height}, ${shape.width})",
        ExitCode.USAGE,
      )
    }
    return noise
  }

  /** Labels that were asked for are all in the images. */
  private fun requireLabels(config: RunConfig, network: Network, spec: ImageSpec, total: Int) {
    val asked = config.sample.labels().orEmpty()
    if (labels == null && settings.none { it.substringBefore('=').trim() == "sample.labels" }) return
    if (asked.size > total) {
      throw UserError(
        "--labels: ${asked.size} labels and --count $total: give at least as many images as labels, or fewer labels",
        ExitCode.USAGE,
      )
    }
    if (asked.isNotEmpty() && !usesLabels(network, spec)) {
      throw UserError("--labels: this network uses no labels; leave them out", ExitCode.USAGE)
    }
  }

  private fun requireNoise(start: NDArray?, total: Int) {
    if (start != null && start.shape[0] < total) {
      throw UserError("--count $total: the noise is for ${start.shape[0]} images", ExitCode.USAGE)
    }
  }

  private companion object {
    const val MOST = 256
  }
}
