package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.exchange.DiffusersExport
import io.github.diffusionhost.app.exchange.DiffusersImport
import io.github.diffusionhost.app.exchange.Exchanges
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.LibtorchDoor
import io.github.diffusionhost.app.gpu.install.WheelIndexes
import io.github.diffusionhost.app.lint.Lint
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.plugins.loadPlugins
import io.github.diffusionhost.app.report.ConfigComparison
import io.github.diffusionhost.app.report.ReportReader
import io.github.diffusionhost.app.report.page.ReportWriter
import io.github.diffusionhost.app.run.CheckpointConfigs
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.terminal.DownloadReport
import io.github.diffusionhost.engine.download.DownloadPolicy
import io.github.diffusionhost.engine.download.Downloader
import io.github.diffusionhost.engine.download.Inquiry
import org.koin.core.module.Module
import org.koin.dsl.module

/** The parts of the process and how they are made; nothing is made before a command asks for it. */
fun hostModule(environment: HostEnvironment): Module = module {
  val data by lazy { environment.usableDataFolder() }
  single { environment }
  single { loadPlugins(environment.pluginFolders).also(environment.faults::know) }
  single<ProviderRegistry> { InstalledProviders(get()) }
  single { RunConfigReader(get()) }
  single { CheckpointConfigs(get(), get()) }
  single { Lint(data) }
  single { ConfigComparison({ get() }, { get() }) }
  single { ReportReader(get()) }
  single { ReportWriter(get()) }
  single { Exchanges(get()) }
  single { DiffusersImport(get(), get()) }
  single { DiffusersExport(get()) }
  single { Downloader(data, DownloadPolicy.DEFAULT, DownloadReport()) }
  single { Installations.ofUser() }
  single { LibtorchDoor(get()) }
  single { WheelIndexes(Inquiry(DownloadPolicy.DEFAULT)) }
  single { RunAssembly(data, get<Downloader>()::download) }
}

private class InstalledProviders(private val plugins: LoadedPlugins) : ProviderRegistry {
  override fun all() = plugins.providers.map { it.known }
}
