package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.hostModule
import io.github.diffusionhost.app.process.ProcessEnd

/** The process: runs one command and tells the caller how it ended. */
fun main(arguments: Array<String>) {
  ProcessEnd.onSignals()
  val command = HostCommand(::hostModule)
  val watch = ExitWatch(command.faults, command.rescue, command.streams)
  watch.start()
  watch.end(command.execute(arguments.toList()))
}
