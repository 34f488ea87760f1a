package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.ProviderKind

/** The providers that plugins have brought. */
interface ProviderRegistry {
  /** All of them, each name once. */
  fun all(): List<Provider<*>>

  /** The provider of this name; null if there is none. */
  fun find(name: String): Provider<*>? = all().find { it.name() == name }
}

/** The names of the providers that can play a role, for messages. */
internal fun ProviderRegistry.names(kind: ProviderKind): List<String> =
  all().filter { it.kind() == kind }.map { it.name() }.sorted()
