package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.files.FileLocking
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.channels.FileChannel
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE

/**
 * Keeps a run's folder for one training; it is free again when its process ends, however it ends.
 *
 * @throws UserError if another training has it
 */
class RunLock(directory: RunDirectory) : AutoCloseable {
  private val channel = FileChannel.open(directory.root().resolve(FILE), CREATE, WRITE)

  init {
    if (FileLocking.tryLock(channel) == null) {
      channel.close()
      throw UserError("another training is at work in ${directory.root()}: wait for it or stop it", ExitCode.USAGE)
    }
  }

  override fun close() = channel.close()

  internal companion object {
    const val FILE = ".lock"
  }
}
