package io.github.diffusionhost.app.plugins.call

import io.github.diffusionhost.app.plugins.jar.PluginCall
import io.github.diffusionhost.app.plugins.jar.isHosts
import io.github.diffusionhost.app.plugins.jar.isPlugins
import java.lang.management.ManagementFactory
import java.time.Duration

/**
 * Says which plugin's code the host waits for, when it has waited for long: looks at the stack of the thread that makes
 * this, or of the one that it waits for, now and then, until it is closed.
 *
 * @param patience after which time it is said, once for each call
 */
internal class CallWatch(
  private val faults: PluginFaults,
  private val patience: Duration,
  private val say: (String) -> Unit,
) : AutoCloseable {
  private val watched = Thread.currentThread()
  private val watcher = Thread(::watch, "call watch").apply { isDaemon = true }

  init {
    watcher.start()
  }

  override fun close() = watcher.interrupt()

  private fun watch() {
    var call: PluginCall? = null
    var since = System.nanoTime()
    val said = mutableSetOf<PluginCall>()
    try {
      while (true) {
        Thread.sleep(patience.toMillis() / LOOKS)
        val now = inPlugin(watched.stackTrace) ?: awaited()?.let(::inPlugin)
        if (now == null || now != call) {
          call = now
          since = System.nanoTime()
        } else if (System.nanoTime() - since > patience.toNanos() && said.add(now)) {
          say("still in $now, after ${patience.toMillis() / 1000.0} s; Ctrl-C stops the host, twice during a training")
        }
      }
    } catch (_: InterruptedException) {
      // The command has ended.
    }
  }

  /** The call of a plugin that runs, and does not wait for the host in its turn. */
  private fun inPlugin(trace: Array<StackTraceElement>): PluginCall? =
    if (trace.firstOrNull { it.isPlugins || it.isHosts }?.isPlugins == true) faults.callIn(trace) else null

  /** The stack of the thread that the watched one waits for, such as one that reads images ahead. */
  private fun awaited(): Array<StackTraceElement>? {
    val owner = ManagementFactory.getThreadMXBean().getThreadInfo(watched.id)?.lockOwnerId
    return Thread.getAllStackTraces().entries.find { it.key.id == owner }?.value
  }

  private companion object {
    const val LOOKS = 60
  }
}
