package io.github.diffusionhost.app.doctor

import java.io.IOException
import java.nio.file.Files
import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.io.path.deleteIfExists
import kotlin.io.path.readText

/**
 * What the tool of NVIDIA's driver prints.
 *
 * @param patience how long it may take; a driver that hangs is no driver
 * @return null if there is no such tool, nothing if it fails or does not end
 */
internal fun nvidiaSmi(
  arguments: List<String>,
  tool: String = "nvidia-smi",
  patience: Duration = Duration.ofSeconds(20),
): String? {
  val printed = Files.createTempFile("diffusionhost-", ".txt")
  try {
    val process =
      ProcessBuilder(listOf(tool) + arguments)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(printed.toFile())
        .start()
    process.outputStream.close()
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly)
      process.destroyForcibly()
      return ""
    }
    return if (process.exitValue() == 0) printed.readText() else ""
  } catch (_: IOException) {
    return null // as where there is no NVIDIA driver
  } finally {
    printed.deleteIfExists()
  }
}
