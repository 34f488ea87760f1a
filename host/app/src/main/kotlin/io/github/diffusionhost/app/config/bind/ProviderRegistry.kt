package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.plugins.KnownProvider

/** The providers that plugins have brought. */
interface ProviderRegistry {
  /** All of them, each name once. */
  fun all(): List<KnownProvider<*>>

  /** The provider of this name; null if there is none. */
  fun find(name: String): KnownProvider<*>? = all().find { it.name == name }
}

/** The names of the providers that can play a role, for messages. */
internal fun ProviderRegistry.names(kind: ProviderKind): List<String> =
  all().filter { it.kind == kind }.map { it.name }.sorted()
