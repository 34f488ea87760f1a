package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.RunFiles
import io.github.diffusionhost.engine.train.TrainingPlan
import org.slf4j.LoggerFactory

/** Reads the configs of checkpoints that are looked at. */
class CheckpointConfigs(private val reader: RunConfigReader, private val plugins: LoadedPlugins) {
  private val log = LoggerFactory.getLogger(CheckpointConfigs::class.java)

  /**
   * The config of a checkpoint. If it was made with other versions of the plugins that it needs now, a warning says so.
   *
   * @param request what counts more
   */
  fun read(checkpoint: Checkpoint, request: ConfigRequest = ConfigRequest()): RunConfig {
    val config = reader.read(checkpoint.text(RunFiles.CONFIG), "${checkpoint.folder()}/${RunFiles.CONFIG}", request)
    val made = TrainingPlan.plugins(checkpoint.state())
    val others = usedPlugins(config, plugins).filter { made[it.id] != null && made[it.id] != it.version }
    if (others.isNotEmpty()) {
      log.warn(
        "{} was made with other versions of plugins, and results may differ: {}",
        checkpoint.folder(),
        others.joinToString("; ") { "${it.id} ${made[it.id]}, now ${it.version}" },
      )
    }
    return config
  }
}
