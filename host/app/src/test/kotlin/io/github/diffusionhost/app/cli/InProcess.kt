package io.github.diffusionhost.app.cli

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.plugins.KnownProvider
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.plugins.jar.pluginFolders
import io.github.diffusionhost.app.plugins.readProvider
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.app.run.REPOSITORY
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.script.ScriptRunner
import io.github.diffusionhost.engine.download.Downloader
import java.io.ByteArrayOutputStream
import java.io.OutputStream
import java.io.PrintStream
import java.nio.file.Path
import org.koin.core.Koin
import org.koin.dsl.koinApplication

/** The parts of a process with the repository's plugins. */
fun installed(data: Path): Koin = koinApplication {
  modules(hostModule(HostEnvironment(false, pluginFolders(REPOSITORY.resolve("plugins"), listOf(), null), data)))
}
  .koin

/**
 * Runs a command of `host` with the repository's plugins in this process, with [more] providers, and with TorchScript
 * files run by [scripts].
 */
fun inProcess(
  vararg arguments: String,
  environment: Map<String, String> = mapOf(),
  more: List<Provider<*>> = listOf(),
  scripts: ScriptRunner? = null,
): Finished {
  val plugins = "DIFFUSIONHOST_PLUGINS" to "${REPOSITORY.resolve("plugins")}"
  val wiring = { of: HostEnvironment ->
    hostModule(of).apply {
      single<ProviderRegistry> {
        Together(get<LoadedPlugins>().providers.map { it.known } + more.map { readProvider(it) })
      }
      if (scripts != null) single { RunAssembly(of.dataFolder, get<Downloader>()::download, scripts) }
    }
  }
  return captured { HostCommand(wiring, environment + plugins).execute(arguments.toList()) }
}

/** The exit code of [command], and what is printed meanwhile: on standard output what [out] takes of it. */
fun captured(out: OutputStream = ByteArrayOutputStream(), command: () -> Int): Finished {
  val err = ByteArrayOutputStream()
  val before = System.out to System.err
  System.setOut(PrintStream(out, true))
  System.setErr(PrintStream(err, true))
  try {
    return Finished(command(), "$out", "$err")
  } finally {
    System.setOut(before.first)
    System.setErr(before.second)
  }
}

private class Together(private val providers: List<KnownProvider<*>>) : ProviderRegistry {
  override fun all() = providers
}
