package io.github.diffusionhost.app.script

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.metric.ScriptFunction
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.concurrent.thread

/**
 * A TorchScript file that runs in a process of its own, with limits: such a file is a program, and may crash, hang and
 * eat memory. What it computes is what it computes in this process, bit for bit. After a process that has ended or was
 * stopped, the next call starts another one.
 *
 * @param manager the device; results go to its scope
 * @param check called while a call takes long; throws [InterruptedException] when somebody asked to stop
 * @throws IOException if the file cannot be loaded
 */
internal class ScriptProcess(
  private val file: Path,
  private val manager: NDManager,
  private val limits: ScriptLimits,
  private val check: () -> Unit,
) : ScriptFunction {
  private var running: ScriptChild? = null

  init {
    try {
      running()
    } catch (e: IllegalStateException) {
      close()
      throw IOException(e.message, e)
    }
  }

  override fun call(x: NDArray, vararg flags: Boolean): NDArray {
    val request = Frame.of(x)
    val result =
      exchange(running()) {
        requests.writeInt(flags.size)
        flags.forEach(requests::writeBoolean)
        request.write(requests)
        requests.flush()
        requireDone()
        frames.read()
      }
    return result.toArray(manager)
  }

  override fun close() {
    running?.close()
    running = null
  }

  private fun running(): ScriptChild =
    running
      ?: ScriptChild(file, manager.device, limits).also {
        running = it
        exchange(it) { requireDone() }
      }

  private fun ScriptChild.requireDone() {
    when (answers.readByte().toInt()) {
      Answer.DONE.ordinal -> return
      Answer.FAILED.ordinal -> throw Refusal(answers.readUTF())
      else -> throw IOException("no answer")
    }
  }

  /** Talks with the process on another thread, because reading and writing may take for ever. */
  private fun <T> exchange(child: ScriptChild, talk: ScriptChild.() -> T): T {
    val talking = FutureTask { child.talk() }
    thread(isDaemon = true, name = "torchscript") { talking.run() }
    try {
      return await(talking)
    } catch (e: ExecutionException) {
      val cause = checkNotNull(e.cause)
      if (cause is Refusal) throw IllegalStateException(cause.message, cause)
      val how = if (cause is IOException) child.end() else null
      close()
      throw if (how == null) cause else IllegalStateException("$file $how; $REMEDY", cause)
    } catch (e: Throwable) {
      close()
      throw e
    }
  }

  private fun <T> await(talking: FutureTask<T>): T {
    val began = System.nanoTime()
    var asked = 0L
    while (true) {
      try {
        return talking.get(LOOK_MILLIS, TimeUnit.MILLISECONDS)
      } catch (_: TimeoutException) {
        val waited = System.nanoTime() - began
        if (waited > limits.call.toNanos()) {
          throw IllegalStateException(
            "$file has not answered within ${limits.call.toSeconds()} s and was stopped; $REMEDY"
          )
        }
        try {
          check()
        } catch (e: InterruptedException) {
          // What metrics have taken in so far is kept if this call ends.
          if (asked == 0L) asked = waited
          if (waited - asked >= limits.afterStop.toNanos()) throw e
        }
      }
    }
  }

  /** What the script, or PyTorch in its name, says. */
  private class Refusal(message: String) : Exception(message)

  private companion object {
    const val LOOK_MILLIS = 100L
    const val REMEDY = "if you trust its makers, --trust-scripts runs it in the host's process without limits"
  }
}
