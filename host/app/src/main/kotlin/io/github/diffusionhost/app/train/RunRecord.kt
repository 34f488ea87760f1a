package io.github.diffusionhost.app.train

import ai.djl.engine.Engine
import io.github.diffusionhost.api.ApiVersion
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.app.run.usedPlugins
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Path

/** Records in a run's folder what the run was made from, and what changed on the way. */
internal class RunRecord(
  private val plugins: LoadedPlugins,
  private val version: String,
  private val commandLine: List<String>,
) {
  /**
   * What a training that begins now is made from.
   *
   * @param id of its run
   */
  fun manifest(config: RunConfig, id: String, network: Network, data: TrainingImages): Manifest {
    val shape = data.shape()
    return Manifest(
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
          data.dataset().classNames().size,
          data.sha256(),
        ),
      plugins = usedPlugins(config, plugins).map(Manifest::PluginEntry),
      gitRevision = Manifest.gitRevision(Path.of("").toAbsolutePath()),
      id = id,
      changes = emptyList(),
    )
  }

  /** The versions of the plugins in use, by their ids. */
  fun versions(config: RunConfig): Map<String, String> = usedPlugins(config, plugins).associate { it.id to it.version }

  /**
   * Writes the manifest and the resolved config. Of a run that goes on the manifest keeps how it began, and gets what
   * is not as it was before.
   *
   * @param changes options and parts that differ from now on
   */
  fun write(
    config: RunConfig,
    directory: RunDirectory,
    now: Manifest,
    beginning: Beginning,
    changes: List<OptionChange>,
  ) {
    val news = changes.map { it.at(beginning.done) }
    val manifest =
      when (beginning) {
        is Beginning.New -> now
        is Beginning.Forked -> now.copy(changes = news, parent = beginning.parent, newestCheckpoint = beginning.done)
        is Beginning.Resumed -> goneOnWith(beginning.manifest ?: now, now, beginning.done, config, news)
      }
    ManifestFile(directory).write(manifest)
    AtomicFile.write(directory.config(), config.toYaml().toByteArray())
  }

  private fun goneOnWith(
    before: Manifest,
    now: Manifest,
    done: Long,
    config: RunConfig,
    news: List<Manifest.Change>,
  ): Manifest {
    val options = OptionChange.options(config)
    // What was changed at this step or later, and came to no checkpoint, may have been taken back.
    val earlier =
      before.changes.orEmpty().filter {
        it.step < done || (it.step == done && (it.key !in options || options[it.key] == it.to))
      }
    return now.copy(
      started = before.started,
      commandLine = before.commandLine,
      gitRevision = before.gitRevision,
      peakMemoryBytes = before.peakMemoryBytes,
      parent = before.parent,
      weights = before.weights ?: now.weights,
      newestCheckpoint = done.takeIf { it > 0 },
      changes = earlier + (news - earlier.toSet()),
    )
  }
}
