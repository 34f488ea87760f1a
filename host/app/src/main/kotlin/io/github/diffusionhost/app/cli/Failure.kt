package io.github.diffusionhost.app.cli

import ai.djl.engine.EngineException
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.plugins.jar.PluginFolderException
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.inWords
import io.github.diffusionhost.app.words.outOfMemory
import io.github.diffusionhost.app.words.withRemedy
import io.github.diffusionhost.engine.step.DivergedException
import io.github.diffusionhost.engine.step.FrozenStepException
import java.io.IOException
import java.io.UncheckedIOException
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.InvalidPathException
import java.nio.file.NoSuchFileException
import org.koin.core.error.InstanceCreationException

private const val HOW = "run again with --debug for the stack trace"

/** An exception as a person reads it. The one place where exceptions become messages. */
internal data class Failure(val message: String, val exitCode: ExitCode) {
  companion object {
    /**
     * Whatever the message quotes, a terminal shows it as text.
     *
     * @param faults knows the plugins in whose code [e] may have been thrown
     */
    fun of(e: Throwable, faults: PluginFaults): Failure =
      read(e, faults).let { it.copy(message = Printable.message(it.message)) }

    private fun read(e: Throwable, faults: PluginFaults): Failure =
      when (e) {
        is UserError -> Failure(e.message.orEmpty(), e.exitCode)
        is DivergedException -> failed(e.message.orEmpty())
        is FrozenStepException -> failed(e.message.orEmpty())
        is PluginFolderException -> Failure(e.message.orEmpty(), ExitCode.USAGE)
        is InvalidPathException -> Failure(inWords(e), ExitCode.USAGE)
        is UncheckedIOException -> read(checkNotNull(e.cause), faults)
        is IOException -> failed(listOfNotNull(faults.callOf(e)?.who, words(e)).joinToString(": "))
        // What happened while Koin made a part; the part itself is no news.
        is InstanceCreationException -> e.cause?.let { read(it, faults) } ?: failed("$e; $HOW")
        is InterruptedException -> Failure("interrupted", ExitCode.INTERRUPTED)
        else -> failed(faults.words(e)?.let { "$it; $HOW" } ?: outOfMemory(e) ?: nativeHint(e) ?: unexpected(e))
      }

    private fun words(e: IOException): String =
      when (e) {
        is FileAlreadyExistsException -> "${e.file} is a file, and a folder is wanted there; move it away"
        is NoSuchFileException -> "${e.file}: no such file or folder"
        is AccessDeniedException -> "${e.file}: no permission; name another place, or have it given to you"
        is FileSystemException -> "${e.file}: ${withRemedy(e.reason ?: e.javaClass.simpleName)}"
        else -> e.message?.let(::withRemedy) ?: "$e; $HOW"
      }

    private fun unexpected(e: Throwable) = "unexpected ${e.javaClass.simpleName}: ${e.message ?: "no message"}; $HOW"

    /** What DJL says where its native libraries, 430 MB at the first start, find no place, or cannot be loaded. */
    private fun nativeHint(e: Throwable): String? {
      val message = (e as? EngineException)?.message.orEmpty()
      val cause = e.cause?.message
      return when {
        message.startsWith("Failed to extract") || message.startsWith("Failed to save") ->
          "$message: $cause; make room, or name a folder that can be written by DJL_CACHE_DIR"
        message.startsWith("Failed to load PyTorch") -> "$message: $cause; host doctor says which one it is, and why"
        else -> null
      }
    }

    private fun failed(message: String) = Failure(message, ExitCode.FAILED)
  }
}
