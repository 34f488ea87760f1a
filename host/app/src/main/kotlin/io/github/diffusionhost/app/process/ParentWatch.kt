package io.github.diffusionhost.app.process

import io.github.diffusionhost.app.words.ExitCode

/** Tells a process that [anotherJvm] starts who has started it. */
private const val PARENT = "diffusionhost.parent"

/** The flag for a JVM that is to end when this process does, however that ends. */
internal fun endsWithThisProcess(): String = "-D$PARENT=${ProcessHandle.current().pid()}"

/** Ends this process when the one is gone that has started it so. */
internal fun watchParent() {
  val parent = System.getProperty(PARENT)?.toLongOrNull() ?: return
  val handle = ProcessHandle.of(parent).orElse(null) ?: ProcessEnd.now(ExitCode.INTERRUPTED)
  handle.onExit().thenRun { ProcessEnd.now(ExitCode.INTERRUPTED) }
}
