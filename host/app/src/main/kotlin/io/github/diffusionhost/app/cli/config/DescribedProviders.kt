package io.github.diffusionhost.app.cli.config

import io.github.diffusionhost.app.cli.command.Services
import io.github.diffusionhost.app.config.bind.ProviderDescription
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.bind.describe
import io.github.diffusionhost.app.words.UserError

/** Every installed provider by name. One that cannot be described is left out, which standard error says. */
internal fun describedProviders(services: Services): List<ProviderDescription> =
  services
    .get<ProviderRegistry>()
    .all()
    .sortedBy { it.name }
    .mapNotNull { provider ->
      try {
        describe(provider)
      } catch (e: UserError) {
        null.also { services.environment.streams.err.println("left out: ${e.message}") }
      }
    }
