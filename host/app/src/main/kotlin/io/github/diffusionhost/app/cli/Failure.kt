package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.plugins.PluginFolderException
import io.github.diffusionhost.engine.train.DivergedException
import java.io.IOException
import java.io.UncheckedIOException
import java.nio.file.AccessDeniedException
import java.nio.file.FileSystemException
import java.nio.file.NoSuchFileException
import org.koin.core.error.InstanceCreationException

private const val HOW = "run again with --debug for the stack trace"

/** An exception as a person reads it. The one place where exceptions become messages. */
internal data class Failure(val message: String, val exitCode: ExitCode) {
  companion object {
    fun of(e: Throwable): Failure =
      when (e) {
        is UserError -> Failure(e.message.orEmpty(), e.exitCode)
        is DivergedException -> failed(e.message.orEmpty())
        is PluginFolderException -> Failure(e.message.orEmpty(), ExitCode.USAGE)
        is NoSuchFileException -> failed("${e.file}: no such file or folder")
        is AccessDeniedException -> failed("${e.file}: no permission")
        is FileSystemException -> failed("${e.file}: ${e.reason ?: e.javaClass.simpleName}")
        is UncheckedIOException -> of(checkNotNull(e.cause))
        is IOException -> failed(e.message ?: "$e; $HOW")
        // What happened while Koin made a part; the part itself is no news.
        is InstanceCreationException -> e.cause?.let(::of) ?: failed("$e; $HOW")
        is InterruptedException -> Failure("interrupted", ExitCode.INTERRUPTED)
        is OutOfMemoryError ->
          failed("out of memory: ${e.message}; more heap: DIFFUSIONHOST_JAVA_OPTS=-Xmx4g, or a smaller batch")
        else -> failed("unexpected ${e.javaClass.simpleName}: ${e.message ?: "no message"}; $HOW")
      }

    private fun failed(message: String) = Failure(message, ExitCode.FAILED)
  }
}
