package io.github.diffusionhost.app.script

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.process.ProcessEnd
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.engine.script.ScriptFile
import java.io.BufferedInputStream
import java.io.BufferedOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.FileOutputStream
import java.io.IOException
import java.nio.file.Path
import java.util.Locale
import java.util.concurrent.SynchronousQueue
import kotlin.concurrent.thread

/** What is written before the answer to a call. */
internal enum class Answer {
  DONE,
  FAILED,
}

/**
 * The process that a [ScriptChild] starts: loads the TorchScript file of the first argument onto the device of the
 * second, and calls it with what comes on standard input. Answers go to the file of the third, because scripts print.
 */
internal object ScriptWorker {
  private class Request(val flags: BooleanArray, val x: Frame)

  private const val LONGEST_MESSAGE = 10_000

  @JvmStatic
  fun main(arguments: Array<String>) {
    Locale.setDefault(Locale.ROOT)
    ProcessEnd.prepare()
    val (file, device, answers) = arguments
    val requests = SynchronousQueue<Request>()
    thread(isDaemon = true) { read(requests) }
    try {
      val output = DataOutputStream(BufferedOutputStream(FileOutputStream(answers)))
      NDManager.newBaseManager(Device.fromName(device), "PyTorch").use { answer(requests, file, it, output) }
    } catch (_: IOException) {
      // The host is gone, or it was told why the file cannot be loaded.
    }
    ProcessEnd.now(ExitCode.FAILED)
  }

  /** On a thread of its own, which hears of the end of the host while a script is at work, too. */
  private fun read(requests: SynchronousQueue<Request>) {
    try {
      val input = DataInputStream(BufferedInputStream(System.`in`))
      val frames = Frame.Reader(input)
      while (true) {
        val flags = BooleanArray(input.readInt()) { input.readBoolean() }
        requests.put(Request(flags, frames.read()))
      }
    } catch (_: IOException) {
      ProcessEnd.now(ExitCode.DONE) // the host has closed its end
    }
  }

  private fun answer(requests: SynchronousQueue<Request>, file: String, manager: NDManager, output: DataOutputStream) {
    val script =
      try {
        ScriptFile(Path.of(file), manager)
      } catch (e: IOException) {
        output.fail(e)
        throw e
      }
    output.done()
    while (true) {
      val request = requests.take()
      val result =
        try {
          request.x.toArray(manager).use { x -> script.call(x, *request.flags).use(Frame::of) }
        } catch (e: RuntimeException) {
          output.fail(e)
          continue
        }
      output.done { result.write(this) }
    }
  }

  private fun DataOutputStream.done(content: DataOutputStream.() -> Unit = {}) {
    writeByte(Answer.DONE.ordinal)
    content()
    flush()
  }

  private fun DataOutputStream.fail(e: Exception) {
    writeByte(Answer.FAILED.ordinal)
    writeUTF((e.message ?: "$e").take(LONGEST_MESSAGE))
    flush()
  }
}
