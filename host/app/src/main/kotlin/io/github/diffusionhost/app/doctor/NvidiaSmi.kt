package io.github.diffusionhost.app.doctor

import java.io.IOException
import java.util.concurrent.TimeUnit

private const val PATIENCE_SECONDS = 20L

/** What the tool of NVIDIA's driver prints; null if it is not there, fails, or does not end. */
internal fun nvidiaSmi(arguments: List<String>): String? {
  val process =
    try {
      ProcessBuilder(listOf("nvidia-smi") + arguments)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(ProcessBuilder.Redirect.PIPE)
        .start()
    } catch (_: IOException) {
      return null // there is no such program
    }
  process.outputStream.close()
  val watch = Thread { if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly() }
  watch.isDaemon = true
  watch.start()
  val printed = process.inputStream.readAllBytes().toString(Charsets.UTF_8)
  return printed.takeIf { process.waitFor() == 0 }
}
