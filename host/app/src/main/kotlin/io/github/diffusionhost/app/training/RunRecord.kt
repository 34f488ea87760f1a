package io.github.diffusionhost.app.training

import ai.djl.engine.Engine
import io.github.diffusionhost.api.ApiVersion
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.app.config.BoundDataset
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.run.RunDirectory
import io.github.diffusionhost.engine.train.Network
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import org.slf4j.LoggerFactory

/** Records in a run's folder what the run was made from. */
internal class RunRecord(
  private val plugins: LoadedPlugins,
  private val version: String,
  private val commandLine: List<String>,
) {
  private val log = LoggerFactory.getLogger(RunRecord::class.java)

  /**
   * Writes the manifest and the resolved config of a new run. Of one that is gone on with both stay as they are; what
   * differs now is a warning.
   */
  fun write(
    config: RunConfig,
    directory: RunDirectory,
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
        device = "${network.manager().device}",
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
