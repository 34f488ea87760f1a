package io.github.diffusionhost.app.track

import io.github.diffusionhost.app.run.reason
import java.io.IOException
import java.nio.file.FileSystemException
import java.nio.file.NoSuchFileException
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.MILLISECONDS

/** What a failed call says. */
private fun words(e: IOException): String =
  when (e) {
    is NoSuchFileException -> "${e.file}: no such file or folder"
    is FileSystemException -> "${e.file}: ${reason(e)}"
    else -> e.message ?: "$e"
  }

/** Makes a tracker's calls, and again those that fail, with longer and longer breaks while the run goes on. */
internal class Delivery(private val patience: Patience, private val warn: (String) -> Unit) {
  private val ended = CountDownLatch(1)
  private var failures = 0
  private var warned = false

  /** What went wrong last; null if nothing has. */
  @Volatile
  var problem: String? = null
    private set

  /** Whether no further call is worth making. */
  @Volatile
  var over = false
    private set

  /** The run has ended: no more breaks, and no more tries after a second failure. */
  fun ending() = ended.countDown()

  /** Nobody waits any longer. */
  fun expire() {
    over = true
  }

  /**
   * Makes a call until it works or is not worth another try.
   *
   * @return whether it worked
   */
  fun attempt(call: () -> Unit): Boolean {
    while (!over) {
      try {
        call()
        failures = 0
        return true
      } catch (e: IOException) {
        failures++
        note(words(e), "the training goes on, and this is tried again")
        if (ended.count == 0L && failures > 1) over = true
        pause()
      } catch (e: RuntimeException) {
        note("${e.message ?: e}", "the training goes on without it")
        return false
      } catch (e: LinkageError) {
        note("the plugin does not fit: $e", "the training goes on without it")
        over = true
      } catch (e: Error) {
        note("$e", "the training goes on without it")
        over = true
      }
    }
    return false
  }

  private fun note(what: String, next: String) {
    if (over) return
    problem = what
    if (!warned) warn("$what; $next")
    warned = true
  }

  private fun pause() {
    if (over) return
    if (ended.count == 0L) Thread.sleep(patience.firstRetry.toMillis())
    else ended.await(wait().toMillis(), MILLISECONDS)
  }

  private fun wait(): Duration {
    val longer = patience.firstRetry.multipliedBy(1L shl (failures - 1).coerceAtMost(MOST_DOUBLINGS))
    return minOf(longer, patience.longestRetry)
  }

  private companion object {
    const val MOST_DOUBLINGS = 20
  }
}
