package io.github.diffusionhost.engine.support

import java.nio.file.Files
import java.nio.file.Path

/** A small disk in memory; only root can have one. */
class SmallDisk(val path: Path, options: String) : AutoCloseable {
  init {
    Files.createDirectories(path)
    check(run("mount", "-t", "tmpfs", "-o", options, "tmpfs", "$path")) { "cannot mount $path" }
  }

  fun remountReadOnly() = check(run("mount", "-o", "remount,ro", "$path")) { "cannot remount $path" }

  override fun close() = check(run("umount", "$path")) { "cannot unmount $path" }

  companion object {
    val isPossible: Boolean by lazy {
      val path = Files.createTempDirectory("mount")
      try {
        SmallDisk(path, "size=64k").close()
        true
      } catch (e: Exception) {
        println("no small disk can be mounted here, so that a full one is only simulated: ${e.message}")
        false
      } finally {
        Files.delete(path)
      }
    }

    private fun run(vararg command: String): Boolean =
      ProcessBuilder(*command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor() == 0
  }
}
