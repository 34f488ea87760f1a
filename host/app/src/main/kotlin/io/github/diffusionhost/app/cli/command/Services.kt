package io.github.diffusionhost.app.cli.command

import io.github.diffusionhost.app.run.HostEnvironment
import org.koin.core.Koin
import org.koin.core.module.Module
import org.koin.dsl.koinApplication

/** The parts of the process, made when a command first asks for one. */
internal class Services(
  val environment: HostEnvironment,
  val arguments: List<String>,
  private val wiring: (HostEnvironment) -> Module,
) {
  val koin: Koin by lazy {
    environment.streams.keepLog() // before a plugin can change where it goes
    koinApplication { modules(wiring(environment)) }.koin
  }

  inline fun <reified T : Any> get(): T = koin.get()
}
