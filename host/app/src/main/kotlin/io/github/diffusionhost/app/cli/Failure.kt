package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.outOfMemory
import io.github.diffusionhost.app.plugins.PluginFaults
import io.github.diffusionhost.app.plugins.PluginFolderException
import io.github.diffusionhost.engine.train.DivergedException
import io.github.diffusionhost.engine.train.FrozenStepException
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
    /** @param faults knows the plugins in whose code [e] may have been thrown */
    fun of(e: Throwable, faults: PluginFaults): Failure =
      when (e) {
        is UserError -> Failure(e.message.orEmpty(), e.exitCode)
        is DivergedException -> failed(e.message.orEmpty())
        is FrozenStepException -> failed(e.message.orEmpty())
        is PluginFolderException -> Failure(e.message.orEmpty(), ExitCode.USAGE)
        is UncheckedIOException -> of(checkNotNull(e.cause), faults)
        is IOException -> failed(listOfNotNull(faults.callOf(e)?.who, words(e)).joinToString(": "))
        // What happened while Koin made a part; the part itself is no news.
        is InstanceCreationException -> e.cause?.let { of(it, faults) } ?: failed("$e; $HOW")
        is InterruptedException -> Failure("interrupted", ExitCode.INTERRUPTED)
        else -> failed(faults.words(e)?.let { "$it; $HOW" } ?: outOfMemory(e) ?: unexpected(e))
      }

    private fun words(e: IOException): String =
      when (e) {
        is NoSuchFileException -> "${e.file}: no such file or folder"
        is AccessDeniedException -> "${e.file}: no permission"
        is FileSystemException -> "${e.file}: ${e.reason ?: e.javaClass.simpleName}"
        else -> e.message ?: "$e; $HOW"
      }

    private fun unexpected(e: Throwable) = "unexpected ${e.javaClass.simpleName}: ${e.message ?: "no message"}; $HOW"

    private fun failed(message: String) = Failure(message, ExitCode.FAILED)
  }
}
