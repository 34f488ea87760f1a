package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.exchange.ExchangedModel
import io.github.diffusionhost.api.exchange.ExchangedScheduler
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.NONE
import io.github.diffusionhost.app.config.bind.USE
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.mappingOf
import io.github.diffusionhost.app.config.source.toNode
import io.github.diffusionhost.app.config.source.valueNode
import io.github.diffusionhost.app.config.source.yamlText

private val ATTENTION = Regex("""(.*attentions\.\d+)\.(query|key|value|proj_attn)\.(weight|bias)""")
private val ATTENTION_NAMES = mapOf("query" to "to_q", "key" to "to_k", "value" to "to_v", "proj_attn" to "to_out.0")

/** A folder of diffusers as a run of the host. */
internal class DiffusersImport(private val exchanges: Exchanges, private val configs: RunConfigReader) {
  /**
   * The run that the folder's configs describe, without images of its own.
   *
   * @param settings `key=value` texts that count more
   */
  fun config(folder: DiffusersFolder, settings: List<String>): RunConfig {
    val model = exchanges.readModel(folder.model)
    val scheduler = exchanges.readScheduler(folder.scheduler)
    val text = yamlText(run(model, scheduler))
    return configs.read(text, "the config made of ${folder.model.where()}", ConfigRequest(settings = settings))
  }

  private fun run(model: Read<ExchangedModel<*>>, scheduler: Read<ExchangedScheduler<*>>): Mapping =
    mapping(
      "model" to use(model.provider, model.result.options),
      "scheduler" to use(scheduler.provider, scheduler.result.options),
      "dataset" to images(model.result),
      // What a model's own recipe recommends may add a label, "none", which this network has not.
      "train" to mapping("labelDropout" to node(0.0)),
      "sample" to
        mapping(
          "sampler" to node(scheduler.result.sampler),
          *scheduler.result.samplerOptions.toNode(PLACE).entries.map { it.key to it.value.value }.toTypedArray(),
        ),
    )

  private fun images(model: ExchangedModel<*>): Mapping =
    mapping(
      USE to node(NONE),
      "shape" to node(with(model.shape) { listOf(channels, height, width) }),
      "classes" to node(model.labelValues),
    )

  private fun use(provider: Provider<*>, options: Record): Mapping =
    mapping(
      USE to node(provider.name()),
      *options.toNode(PLACE).entries.map { it.key to it.value.value }.toTypedArray(),
    )

  private fun mapping(vararg entries: Pair<String, ConfigNode>) = mappingOf(PLACE, mapOf(*entries))

  private fun node(value: Any?) = valueNode(value, PLACE)

  private companion object {
    val PLACE = Location.BuiltIn("the folder's configs")
  }
}

/** Today's name of a tensor: attention had other ones before diffusers 0.17. */
internal fun presentName(name: String): String =
  ATTENTION.matchEntire(name)?.destructured?.let { (block, part, kind) -> "$block.${ATTENTION_NAMES[part]}.$kind" }
    ?: name
