package io.github.diffusionhost.app

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.app.config.ProviderRegistry
import io.github.diffusionhost.app.config.RunConfigReader
import org.koin.core.module.Module
import org.koin.dsl.module

/** The parts of the process and how they are made; nothing is made before a command asks for it. */
fun hostModule(environment: HostEnvironment): Module = module {
  single { environment }
  single<ProviderRegistry> { NoPlugins }
  single { RunConfigReader(get()) }
}

private object NoPlugins : ProviderRegistry {
  override fun all(): List<Provider<*>> = emptyList()
}
