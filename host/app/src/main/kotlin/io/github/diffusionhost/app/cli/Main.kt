package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.hostModule
import kotlin.system.exitProcess

/** The process: runs one command and tells the caller how it ended. */
fun main(arguments: Array<String>) {
  exitProcess(HostCommand(::hostModule).execute(arguments.toList()))
}
