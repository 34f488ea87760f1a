package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.flat
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.InvalidConfig
import io.github.diffusionhost.app.config.source.inline
import io.github.diffusionhost.app.config.source.readConfigText
import io.github.diffusionhost.app.lint.Lint
import io.github.diffusionhost.app.lint.Recipe
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText

/** Finds out how the config of a run differs from defaults and from its recipe. */
class ConfigComparison(private val reader: () -> RunConfigReader, private val lint: () -> Lint) {
  /** What `config.yaml` says; null if it is not there. What cannot be found out, [note] is told. */
  fun facts(file: Path, note: (String) -> Unit): ConfigFacts? {
    if (!file.exists()) return null
    val text = file.readText()
    val node =
      try {
        readConfigText(text, "$file", ConfigErrors())
      } catch (e: InvalidConfig) {
        note("config.yaml cannot be read: ${e.message}")
        return ConfigFacts(text, emptyMap(), null, null, emptyList()) { null }
      }
    val config =
      try {
        reader().read(text, "$file")
      } catch (e: UserError) {
        note("What differs from the defaults is not known, since the config does not fit the plugins: ${e.message}")
        return ConfigFacts(text, flat(node), null, null, emptyList()) { null }
      }
    val options = flat(config.resolved())
    val recipe = Recipe.entries.find { it.scheduler == config.scheduler.provider.name() }
    return ConfigFacts(
      text,
      options,
      defaults(config, node)?.let { changes(options, flat(it.resolved())) },
      recipe,
      recipe?.let { lint().findings(config, it) }.orEmpty(),
      config.train::totalSteps,
    )
  }

  /** The config of the same providers with nothing said; the dataset's options stay where it has no such config. */
  private fun defaults(config: RunConfig, node: Mapping): RunConfig? {
    val roles = "model: {use: ${config.model.provider.name()}}\nscheduler: {use: ${config.scheduler.provider.name()}}\n"
    val dataset = node["dataset"] as? Mapping ?: return null
    val choices = listOf(dataset.only(listOf("use")), dataset)
    return choices.firstNotNullOfOrNull { choice ->
      try {
        reader().read("${roles}dataset: ${inline(choice)}\n", "the defaults")
      } catch (_: InvalidConfig) {
        null // options without defaults: the next choice says them
      }
    }
  }

  private fun changes(here: Map<String, String>, defaults: Map<String, String>) =
    (here.keys + defaults.keys)
      .filter { it.substringBefore('.') !in IDENTITY && here[it] != defaults[it] }
      .map { ConfigFacts.Change(it, here[it], defaults[it]) }

  private companion object {
    /** What tells a run from others and is no setting of its training. */
    val IDENTITY = setOf("name", "seed", "device", TRACKER)
  }
}
