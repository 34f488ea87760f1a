package io.github.diffusionhost.app.script

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.metric.ScriptFunction
import io.github.diffusionhost.engine.script.ScriptFile
import java.nio.file.Path

/** Where TorchScript files of others run. */
fun interface ScriptRunner {
  /**
   * Loads a file.
   *
   * @param manager the device; results go to its scope
   * @param check called while it takes long; throws [InterruptedException] when somebody asked to stop
   * @throws java.io.IOException if the file cannot be loaded
   */
  fun open(file: Path, manager: NDManager, check: () -> Unit): ScriptFunction

  companion object {
    /** In this process, where they can do what it can. */
    val HERE = ScriptRunner { file, manager, _ -> ScriptFile(file, manager) }

    /** Each in a process of its own, with limits. */
    val APART = ScriptRunner { file, manager, check -> ScriptProcess(file, manager, ScriptLimits(), check) }
  }
}
