package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.options.OptionsSpec

/**
 * A provider that can be chosen, and what it said about itself when it was read. Nobody asks it again: a config is
 * bound to what was found to be whole.
 *
 * @property provider its kind is the interface it implements; call it through [inPluginOf]
 * @property options its options, of which [defaults] has a value for each
 * @property presets records of the options' class, by name
 */
class KnownProvider<O : Record>
internal constructor(
  val provider: Provider<O>,
  val kind: ProviderKind,
  val name: String,
  val summary: String,
  val defaults: O,
  val options: OptionsSpec<O>,
  val presets: Map<String, Record>,
)
