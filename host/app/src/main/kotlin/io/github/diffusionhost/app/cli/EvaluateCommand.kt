package io.github.diffusionhost.app.cli

import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.options.split
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.long
import com.github.ajalt.clikt.parameters.types.restrictTo
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.config.BoundMetric
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.ProviderRegistry
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.names
import io.github.diffusionhost.app.evaluate.Evaluated
import io.github.diffusionhost.app.evaluate.Evaluation
import io.github.diffusionhost.app.evaluate.EvaluationLog
import io.github.diffusionhost.app.evaluate.EvaluationProgress
import io.github.diffusionhost.app.evaluate.EvaluationRecord
import io.github.diffusionhost.app.evaluate.EvaluationResult
import io.github.diffusionhost.app.evaluate.GeneratedImages
import io.github.diffusionhost.app.evaluate.requireMetrics
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.StatusLine
import io.github.diffusionhost.app.run.StopSignal
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.loadWeights
import io.github.diffusionhost.app.run.openCheckpoint
import io.github.diffusionhost.app.run.weightsFile
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.run.RunFiles
import java.nio.file.Path

/** `host evaluate`: numbers about a checkpoint. */
internal class EvaluateCommand :
  HostSubcommand(
    "evaluate",
    "Measures a checkpoint by metrics. What a metric looks at is its own affair: images that the network generates, " +
      "or the network itself. The same seed gives the same numbers. Those of a run's checkpoint are added to the " +
      "run's evaluations.jsonl, for its report. Ctrl-C ends it.",
    "host evaluate --checkpoint runs/quickstart --metrics linear-probe --set metrics.linear-probe.features=[block_2]",
    "host evaluate --checkpoint runs/cifar10-e --metrics linear-probe --set dataset.labels=fine --out probe.json",
  ) {
  private val checkpoint by
    option("--checkpoint", metavar = "DIR")
      .convert { Path.of(it) }
      .required()
      .help("A checkpoint, or a run for its newest one")
  private val metrics by
    option("--metrics", metavar = "A,B,C")
      .split(",")
      .default(emptyList())
      .help("Metrics by name; those of the config's `metrics` if not given")
  private val weights by
    option("--weights", metavar = "NAME").help("ema, ema-1, … or model; the first average if there is one")
  private val seed by option("--seed", metavar = "S").long().help("Seed of every draw; the run's own if not given")
  private val count by
    option("--count", metavar = "N")
      .int()
      .restrictTo(1..(1 shl 24))
      .help("Images to generate for metrics that look at them; what each metric's `samples` says if not given")
  private val sampler by option("--sampler", metavar = "NAME").help("Sampler; the run's own if not given")
  private val steps by option("--steps", metavar = "N").int().restrictTo(1..100_000).help("Steps of the sampler")
  private val guidance by option("--guidance", metavar = "W").help("Guidance scale of generated images; 1: none")
  private val settings by
    option("--set", metavar = "KEY=VALUE")
      .multiple()
      .help("Change an option of the checkpoint's config, for example metrics.linear-probe.epochs=3 or dataset.path=…")
  private val device by option("--device", metavar = "DEVICE").help("auto, cpu, gpu or gpu:N")
  private val json by option("--json").flag().help("Print one JSON object")
  private val out by
    option("--out", metavar = "FILE")
      .convert { Path.of(it) }
      .help("Write the JSON object to this file, too, and figures beside it")

  override fun run() {
    requireMetrics(services.get<ProviderRegistry>(), metrics, "--metrics")
    val from = openCheckpoint(checkpoint)
    val config = config(from)
    val wanted = wanted(config)
    val spec = ImageSpec.of(from.state())
    val file = weightsFile(from, weights)
    val found = evaluate(config, spec, wanted, from, file)
    val weights = file.removeSuffix(".safetensors")
    val result = EvaluationResult(from.folder(), weights, from.state(), found)
    val (step, images) = from.state().run { step() to images() }
    EvaluationLog.of(from.folder())?.add(step, images, weights, found, EvaluationRecord.Origin.EVALUATE)
    val written = out?.let(result::write).orEmpty()
    if (json) printJson(result.toJson()) else print(evaluationText(result))
    written.forEach { System.err.println("wrote $it") }
  }

  private fun evaluate(
    config: RunConfig,
    spec: ImageSpec,
    wanted: List<BoundMetric<*>>,
    from: Checkpoint,
    file: String,
  ): List<Evaluated> {
    val assembly = services.get<RunAssembly>()
    val seed = seed ?: config.seed
    val status = StatusLine(System.err, StatusLine.onTerminal())
    NDManager.newBaseManager(deviceOf(config.device), "PyTorch").use { manager ->
      assembly.network(config, spec, manager).use { network ->
        loadWeights(network, from, file)
        Evaluation(assembly, config, spec, network, manager, seed).use { evaluation ->
          val images = GeneratedImages(evaluation, count) { assembly.samplePlan(config, spec, network, seed) }
          StopSignal(status::line, "stopping after this step; once more to stop at once").use { stop ->
            return evaluation.run(wanted, images, EvaluationProgress(status, stop::requested))
          }
        }
      }
    }
  }

  private fun wanted(config: RunConfig): List<BoundMetric<*>> {
    val wanted = config.metrics.filter { metrics.isEmpty() || it.provider.name() in metrics }
    if (wanted.isEmpty()) {
      val known = services.get<ProviderRegistry>().names(ProviderKind.METRIC)
      wrongUsage(
        "Give --metrics A,B,C: the config names none (installed: ${known.joinToString(", ").ifEmpty { "none" }})"
      )
    }
    return wanted
  }

  private fun config(from: Checkpoint): RunConfig {
    val own =
      listOfNotNull(
        sampler?.let { "sample.sampler=$it" },
        steps?.let { "sample.steps=$it" },
        guidance?.let { "sample.guidance=$it" },
        device?.let { "device=$it" },
      )
    val request = ConfigRequest(plugins = metrics, settings = settings + own)
    return services
      .get<RunConfigReader>()
      .read(from.text(RunFiles.CONFIG), "${from.folder()}/${RunFiles.CONFIG}", request)
  }
}
