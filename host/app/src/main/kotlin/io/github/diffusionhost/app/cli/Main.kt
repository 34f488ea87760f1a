package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.plugins.jar.userHome
import io.github.diffusionhost.app.process.ProcessEnd
import io.github.diffusionhost.app.process.watchParent
import java.util.Locale

/** The process: runs one command and tells the caller how it ended. */
fun main(arguments: Array<String>) {
  // Numbers in files and messages are the same everywhere, those of plugins and libraries, too.
  Locale.setDefault(Locale.ROOT)
  // Libraries, too, would make a folder named ? for a user whom the system does not know.
  System.setProperty("user.home", "${userHome()}")
  ProcessEnd.onSignals()
  watchParent()
  val command = HostCommand(::hostModule)
  val watch = ExitWatch(command.faults, command.rescue, command.streams)
  watch.start()
  watch.end(command.execute(arguments.toList()))
}
