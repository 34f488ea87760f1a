package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.plugins.LoadedPlugin
import io.github.diffusionhost.app.plugins.LoadedPlugins

/** The plugins that a run uses, each once. */
internal fun usedPlugins(config: RunConfig, plugins: LoadedPlugins): List<LoadedPlugin> =
  (listOf(config.model.provider, config.scheduler.provider) +
      config.metrics.map { it.provider } +
      config.trackers.map { it.provider } +
      listOfNotNull((config.dataset as? BoundDataset<*>)?.provider))
    .mapNotNull { plugins.find(it.name())?.plugin }
    .distinct()
