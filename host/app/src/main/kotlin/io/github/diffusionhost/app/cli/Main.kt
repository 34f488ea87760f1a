package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.hostModule
import io.github.diffusionhost.app.process.ProcessEnd
import kotlin.system.exitProcess

/** The process: runs one command and tells the caller how it ended. */
fun main(arguments: Array<String>) {
  ProcessEnd.onSignals()
  exitProcess(HostCommand(::hostModule).execute(arguments.toList()))
}
