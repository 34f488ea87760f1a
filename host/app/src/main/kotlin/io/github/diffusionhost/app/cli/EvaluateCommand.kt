package io.github.diffusionhost.app.cli

import ai.djl.ndarray.NDManager
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.split
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.long
import com.github.ajalt.clikt.parameters.types.restrictTo
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.ImageSource
import io.github.diffusionhost.app.cli.command.SamplingOptions
import io.github.diffusionhost.app.cli.command.TrustScripts
import io.github.diffusionhost.app.cli.command.besides
import io.github.diffusionhost.app.cli.command.ownOption
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.ImagesConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.bind.names
import io.github.diffusionhost.app.evaluate.ComparedWith
import io.github.diffusionhost.app.evaluate.EvaluateCheckpoint
import io.github.diffusionhost.app.evaluate.EvaluateFiles
import io.github.diffusionhost.app.evaluate.EvaluationProgress
import io.github.diffusionhost.app.evaluate.EvaluationResult
import io.github.diffusionhost.app.evaluate.MetricFollower
import io.github.diffusionhost.app.evaluate.evaluationText
import io.github.diffusionhost.app.evaluate.requireMetrics
import io.github.diffusionhost.app.process.StopSignal
import io.github.diffusionhost.app.run.CheckpointConfigs
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.openCheckpoint
import io.github.diffusionhost.app.run.weightsFile
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.RunFiles
import java.nio.file.Path

internal val EVALUATE =
  CommandWords(
    "evaluate",
    "Measures a checkpoint, or images that are there already, by metrics. What a metric looks at is its own affair: " +
      "images that the network generates, or the network itself. The same seed gives the same numbers. Those of a " +
      "run's checkpoint are added to the run's evaluations.jsonl, for its report. Ctrl-C ends it; the same command " +
      "goes on from there. A TorchScript file that a metric is given is a program and runs with your rights, in a " +
      "process of its own with limits of time and memory: docs/reference/FIDELITY.md.",
    "host evaluate --checkpoint runs/quickstart --metrics linear-probe --set metrics.linear-probe.features=[block_2]",
    "host evaluate --checkpoint runs/cifar10-e --metrics linear-probe --set dataset.labels=fine --out probe.json",
    "host evaluate --images digits/ --plugins mnist --metrics fd-classifier,novelty",
    "host evaluate --images theirs.zip --reference photos/ --metrics fid,kid",
  )

/** `host evaluate`: numbers about a checkpoint, or about images. */
internal class EvaluateCommand : HostSubcommand(EVALUATE) {
  private val checkpoint by
    option("--checkpoint", metavar = "DIR")
      .convert { pathOf(it) }
      .help("A checkpoint, or a run for its newest one; with --images: compare with its dataset")
  private val source by ImageSource()
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
  private val sampling by SamplingOptions("Guidance scale of generated images; 1: none")
  private val settings by
    option("--set", metavar = "KEY=VALUE")
      .multiple()
      .help("Change an option of the checkpoint's config, for example metrics.linear-probe.epochs=3 or dataset.path=…")
  private val trust by TrustScripts()
  private val json by option("--json").flag().help("Print one JSON object")
  private val out by
    option("--out", metavar = "FILE")
      .convert { pathOf(it) }
      .help("Write the JSON object to this file, too, and figures beside it")

  override fun run() {
    requireMetrics(services.get<ProviderRegistry>(), metrics, "--metrics")
    val path = source.images
    val result =
      if (path != null) {
        evaluateFiles(path)
      } else {
        refuseForGenerated()
        evaluateCheckpoint(openCheckpoint(checkpoint ?: wrongUsage("Give --checkpoint DIR, or --images FOLDER|ZIP")))
      }
    val written = out?.let(result::write).orEmpty()
    if (json) printJson(result.toJson()) else print(Printable.message(evaluationText(result)))
    written.forEach { streams.err.println("wrote $it") }
  }

  private fun evaluateCheckpoint(from: Checkpoint): EvaluationResult {
    val config = services.get<CheckpointConfigs>().read(from, request(metrics))
    val wanted = wanted(config.metrics)
    val file = weightsFile(from, weights)
    NDManager.newBaseManager(deviceOf(config.device, config.train.matmul()), "PyTorch").use { manager ->
      val evaluate = EvaluateCheckpoint(trust.of(services.get()), manager, seed ?: config.seed, streams.err)
      return following { follow, say -> evaluate.run(from, config, file, count, wanted, follow, say) }
    }
  }

  private fun evaluateFiles(path: Path): EvaluationResult {
    val config = imagesConfig()
    val wanted = wanted(config.metrics)
    val seed = seed ?: config.seed
    val reference =
      source.reference?.let(ComparedWith::Files)
        ?: ComparedWith.Dataset(config.dataset ?: wrongUsage(COMPARE), config.seed)
    NDManager.newBaseManager(deviceOf(config.device), "PyTorch").use { manager ->
      return following { follow, say ->
        EvaluateFiles(trust.of(services.get()), manager, seed).run(path, reference, count, wanted, follow, say)
      }
    }
  }

  private fun imagesConfig(): ImagesConfig {
    val generated =
      listOf(
        "--weights" to weights,
        "--sampler" to sampling.sampler,
        "--steps" to sampling.steps,
        "--guidance" to sampling.guidance,
      )
    generated.find { it.second != null }?.let { wrongUsage("${it.first} is for generated images: leave it out") }
    val named = listOf("--reference" to source.reference, "--checkpoint" to checkpoint, "--config" to source.config)
    val given = named.filter { it.second != null }.map { it.first }
    if (given.size > 1) wrongUsage("${given.joinToString(" and ")} each say what to compare with: give one")
    val reader = services.get<RunConfigReader>()
    val request = request(metrics + source.plugins).copy(file = source.config)
    val config =
      checkpoint?.let(::openCheckpoint)?.let {
        reader.readImages(it.text(RunFiles.CONFIG), "${it.folder()}/${RunFiles.CONFIG}", request)
      } ?: reader.readImages(request)
    if (source.reference != null && config.dataset != null) {
      wrongUsage("--reference and a dataset each say what to compare with: give one")
    }
    return config
  }

  private fun refuseForGenerated() {
    val plugins = source.plugins.takeIf { it.isNotEmpty() }
    val named = listOf("--reference" to source.reference, "--config" to source.config, "--plugins" to plugins)
    named.find { it.second != null }?.let { wrongUsage("${it.first} needs --images FOLDER|ZIP") }
  }

  private fun <T> following(evaluate: (MetricFollower, (String) -> Unit) -> T): T {
    val status = StatusLine.on(streams.err)
    StopSignal(status::line, "stopping after this step; once more to stop at once").use { stop ->
      return evaluate(EvaluationProgress(status, stop::requested), status::line)
    }
  }

  private fun wanted(configured: List<BoundMetric<*>>): List<BoundMetric<*>> {
    val wanted = configured.filter { metrics.isEmpty() || it.provider.name() in metrics }
    if (wanted.isEmpty()) {
      val known = services.get<ProviderRegistry>().names(ProviderKind.METRIC)
      wrongUsage(
        "Give --metrics A,B,C: the config names none (installed: ${known.joinToString(", ").ifEmpty { "none" }})"
      )
    }
    refuseUnmeasured(configured.map { it.provider.name() }, wanted.map { it.provider.name() })
    return wanted
  }

  /** A setting of a metric that is in the config and not measured would change nothing. */
  private fun refuseUnmeasured(configured: List<String>, wanted: List<String>) {
    for (setting in settings) {
      val place = setting.substringBefore('=').split('.').takeIf { it[0].trim() == "metrics" }?.getOrNull(1) ?: continue
      val name = place.toIntOrNull()?.let(configured::getOrNull) ?: place
      if (name in configured && name !in wanted) {
        wrongUsage("--set $setting is for a metric that is not measured: add $name to --metrics, or leave it out")
      }
    }
  }

  private fun request(plugins: List<String>): ConfigRequest {
    besides(settings, ownOption("--seed", "seed", seed))
    return ConfigRequest(plugins = plugins, settings = settings, own = besides(settings, *sampling.own))
  }

  private companion object {
    const val COMPARE =
      "--images needs something to compare with: --reference FOLDER|ZIP, --plugins DATASET, --config FILE or " +
        "--checkpoint DIR"
  }
}
