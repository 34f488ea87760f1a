package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.flat
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.inline

/**
 * An option in which two configs differ.
 *
 * @property from the earlier value; null: there is none
 * @property to the later value; null: there is none
 */
internal data class OptionChange(val key: String, val from: String?, val to: String?) {
  fun at(step: Long) = Manifest.Change(step, key, from, to)

  companion object {
    /** Every option in which [now] differs from [before], in the order of the config. */
    fun between(before: RunConfig, now: RunConfig): List<OptionChange> {
      val old = options(before)
      val new = options(now)
      return (old.keys + new.keys).filter { old[it] != new[it] }.map { OptionChange(it, old[it], new[it]) }
    }

    /** By dotted key; a metric or tracker is one value. */
    fun options(config: RunConfig): Map<String, String> {
      val whole = config.resolved()
      val lists = listOf("metrics", TRACKER)
      return flat(whole.without(lists)) + lists.flatMap { key -> whole[key]?.let { elements(key, it) }.orEmpty() }
    }

    private fun elements(key: String, node: ConfigNode): List<Pair<String, String>> {
      val elements = (node as? ConfigNode.Sequence)?.elements ?: listOf(node)
      return elements.mapIndexed { i, element -> "$key.$i" to inline(element) }
    }
  }
}
