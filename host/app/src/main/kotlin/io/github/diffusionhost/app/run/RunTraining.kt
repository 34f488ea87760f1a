package io.github.diffusionhost.app.run

import ai.djl.engine.Engine
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.ApiVersion
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.config.BoundDataset
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.run.RunDirectory
import io.github.diffusionhost.engine.run.TrainListener
import io.github.diffusionhost.engine.run.Trainer
import io.github.diffusionhost.engine.run.TrainingPlan
import io.github.diffusionhost.engine.train.Network
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import org.slf4j.LoggerFactory

/** Trains what a config describes, in the folder of a run. */
internal class RunTraining(
  private val assembly: RunAssembly,
  private val plugins: LoadedPlugins,
  private val version: String,
  private val commandLine: List<String>,
) {
  private val log = LoggerFactory.getLogger(RunTraining::class.java)

  /**
   * Trains to the end or until somebody asks to stop.
   *
   * @param folder called when everything that can be wrong with the config is known to be right
   * @param resume whether to go on from the folder's newest checkpoint
   */
  fun run(
    config: RunConfig,
    folder: () -> RunDirectory,
    resume: Boolean,
    listener: TrainListener,
    say: (String) -> Unit,
  ): Trainer.Outcome {
    if (config.metrics.isNotEmpty()) {
      val names = config.metrics.joinToString(", ") { it.provider.name() }
      val instead = "leave out $names, and measure its checkpoints with `host evaluate`"
      throw UserError("metrics: a training of this release runs none; $instead", ExitCode.USAGE)
    }
    val device = deviceOf(config.device)
    NDManager.newBaseManager(device, "PyTorch").use { manager ->
      assembly.openDataset(config, Split.TRAIN).use { dataset ->
        TrainingImages.of(dataset, manager).use { data ->
          assembly.network(config, ImageSpec.of(dataset), manager).use { network ->
            val samples = assembly.samplePlan(config, ImageSpec.of(dataset), network)
            val directory = folder()
            val plan =
              TrainingPlan(
                network,
                data,
                dataset,
                config.train,
                config.seed,
                samples,
                config.sample.count(),
                config.toYaml(),
              )
            describe(config, network, data, dataset, plan).forEach(say)
            RunLock(directory).use {
              record(config, directory, manager, network, data, dataset, resume)
              Trainer(plan, directory, listener).use { trainer ->
                if (resume) trainer.resume()
                val left = (plan.totalSteps() - trainer.done()) * config.train.batchSize().toLong()
                if (left > 0) {
                  Forecast(assembly, config, dataset, data, manager)
                    .describe(left, trainer.imagesPerSecond(Forecast.IMAGES))
                    .forEach(say)
                }
                StopSignal(say).use { stop ->
                  return trainer.run(stop::requested)
                }
              }
            }
          }
        }
      }
    }
  }

  private fun describe(
    config: RunConfig,
    network: Network,
    data: TrainingImages,
    dataset: ImageDataset,
    plan: TrainingPlan,
  ): List<String> {
    val model = "${config.model.provider.name()} with ${count(network.parameterCount())} parameters"
    val classes = dataset.classNames().size
    val images =
      "${count(data.size().toLong())} images ${data.shape()}" + if (classes > 0) " in $classes classes" else ""
    val epochs = digits(plan.totalSteps() * config.train.batchSize().toDouble() / data.size())
    return listOf(
      "${config.name}: $model, ${config.scheduler.provider.name()}, $images",
      "${count(plan.totalSteps())} steps of ${count(config.train.batchSize().toLong())} images ($epochs epochs)",
    )
  }

  private fun record(
    config: RunConfig,
    directory: RunDirectory,
    manager: NDManager,
    network: Network,
    data: TrainingImages,
    dataset: ImageDataset,
    resume: Boolean,
  ) {
    val shape = data.shape()
    val manifest =
      Manifest(
        started = Manifest.now(),
        commandLine = commandLine,
        host = version,
        api = ApiVersion.CURRENT,
        java = System.getProperty("java.version"),
        system = "${System.getProperty("os.name")} ${System.getProperty("os.arch")}",
        pytorch = Engine.getEngine("PyTorch").version,
        device = "${manager.device}",
        seed = config.seed,
        parameters = network.parameterCount(),
        dataset =
          Manifest.DatasetEntry(
            data.size(),
            listOf(shape.channels, shape.height, shape.width),
            dataset.classNames().size,
            data.sha256(),
          ),
        plugins = used(config).map(Manifest::PluginEntry),
        gitRevision = Manifest.gitRevision(Path.of("").toAbsolutePath()),
      )
    if (resume && directory.manifest().exists()) {
      differences(Manifest.parse(directory.manifest().readText()), manifest).forEach { log.warn("{}", it) }
    } else {
      AtomicFile.write(directory.manifest(), manifest.toJson().toByteArray())
      AtomicFile.write(directory.config(), config.toYaml().toByteArray())
    }
  }

  private fun used(config: RunConfig) =
    (listOf(config.model.provider, config.scheduler.provider) +
        config.metrics.map { it.provider } +
        config.trackers.map { it.provider } +
        listOfNotNull((config.dataset as? BoundDataset<*>)?.provider))
      .mapNotNull { plugins.find(it.name())?.plugin }
      .distinct()

  /** What makes a run that is gone on with another one than it was. */
  private fun differences(before: Manifest, now: Manifest): List<String> {
    val jars = now.plugins.associateBy { it.id }
    val changed = before.plugins.filter { jars[it.id]?.sha256 != it.sha256 }.map { "plugin ${it.id} ${it.version}" }
    val other =
      listOfNotNull(
        "the dataset".takeIf { before.dataset.sha256 != now.dataset.sha256 },
        "the device (${before.device}, now ${now.device})".takeIf { before.device != now.device },
        "PyTorch (${before.pytorch}, now ${now.pytorch})".takeIf { before.pytorch != now.pytorch },
      )
    return (changed + other).map { "not as it was when the run began, so results may differ from one left alone: $it" }
  }
}
