package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.app.plugins.jar.RefusedException
import java.time.Duration
import java.util.concurrent.ExecutionException
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit.NANOSECONDS
import java.util.concurrent.TimeoutException

/**
 * Calls plugins' code while plugins are loaded and unloaded, on one thread and in the plugin's context. Code that does
 * not return in time is left behind on a daemon thread, so that it cannot keep the host from starting or ending.
 *
 * @property patience how long one call may take
 */
internal class PluginCalls(private val patience: Duration) : AutoCloseable {
  private var thread: ExecutorService? = null

  /** Returns what [block] returns and throws what it throws; [doing] names it when it takes too long. */
  fun <T> call(loader: ClassLoader, doing: String, block: () -> T): T {
    val running = thread ?: Executors.newSingleThreadExecutor(::daemon).also { thread = it }
    val result = running.submit<T> { inContextOf(loader, block) }
    try {
      return result.get(patience.toNanos(), NANOSECONDS)
    } catch (e: ExecutionException) {
      throw e.cause ?: e
    } catch (_: TimeoutException) {
      close()
      val remedy = "Mend the plugin or remove the jar; whatever takes long belongs where the provider is used"
      throw RefusedException("$doing has not returned after ${patience.toMillis() / 1000.0} s", remedy)
    }
  }

  override fun close() {
    thread?.shutdownNow()
    thread = null
  }

  private fun daemon(work: Runnable) = Thread(work, "plugins").apply { isDaemon = true }
}
