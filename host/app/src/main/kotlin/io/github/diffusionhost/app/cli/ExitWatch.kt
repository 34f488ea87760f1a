package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.process.HostStreams
import io.github.diffusionhost.app.process.ProcessEnd
import io.github.diffusionhost.app.process.Rescue
import io.github.diffusionhost.app.words.ExitCode
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.system.exitProcess

/**
 * Tells an end of the process that the host wants from `System.exit` in a plugin's code: that is named, a training is
 * saved, and the exit code says that it went wrong. `Runtime.halt` cannot be noticed.
 */
internal class ExitWatch(
  private val faults: PluginFaults,
  private val rescue: Rescue,
  private val streams: HostStreams,
) {
  private val ended = CountDownLatch(1)

  /** Begins to watch. */
  fun start() = Runtime.getRuntime().addShutdownHook(Thread(::shutdown, "exit watch"))

  /** Ends the process, as the host wants it. */
  fun end(code: Int): Nothing {
    ended.countDown()
    exitProcess(code)
  }

  private fun shutdown() {
    if (ended.count == 0L) return
    val exiting = Thread.getAllStackTraces().filterValues { it.any(::isExit) }
    val (thread, trace) =
      exiting.entries.maxByOrNull { (_, trace) -> if (faults.callIn(trace) == null) 0 else 1 } ?: return
    val who = faults.callIn(trace)?.toString() ?: "a plugin's thread \"${thread.name}\""
    streams.err.println("$who: it called System.exit, which ends the host; a plugin throws an exception instead")
    try {
      when (rescue.save(thread) { ended.await(PATIENCE, SECONDS) }) {
        true ->
          streams.err.println("the training is saved up to its last whole step; host run --resume goes on from there")
        false -> streams.err.println("the training is saved up to its last checkpoint only")
        null -> {}
      }
    } catch (e: Throwable) {
      streams.err.println("the training is saved up to its last checkpoint only: ${Failure.of(e, faults).message}")
    } finally {
      streams.out.flush()
      ProcessEnd.now(ExitCode.FAILED)
    }
  }

  private fun isExit(frame: StackTraceElement) = frame.className == "java.lang.Runtime" && frame.methodName == "exit"

  private companion object {
    /** For the step at hand of a training, and its checkpoint. */
    const val PATIENCE = 120L
  }
}
