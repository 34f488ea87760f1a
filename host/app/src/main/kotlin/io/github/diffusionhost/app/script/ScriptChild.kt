package io.github.diffusionhost.app.script

import ai.djl.Device
import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.app.process.anotherJvm
import java.io.BufferedInputStream
import java.io.BufferedOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.io.path.listDirectoryEntries
import org.slf4j.LoggerFactory

/** A JVM that runs [ScriptWorker] in an empty folder, is watched while it lives, and ends with this process. */
internal class ScriptChild(private val file: Path, device: Device, private val limits: ScriptLimits) : AutoCloseable {
  private val aside = Aside.of(Path.of(System.getProperty("java.io.tmpdir"), "torchscript"))
  private val folder = Files.createDirectories(aside.path())
  private val process = start(device)
  private val said = LastLine(process.errorStream)
  private val residence = Residence(process.pid())
  @Volatile private var tooLarge = false

  val requests = DataOutputStream(BufferedOutputStream(process.outputStream))
  val answers = DataInputStream(BufferedInputStream(process.inputStream))
  val frames = Frame.Reader(answers)

  init {
    thread(isDaemon = true, name = "torchscript memory") { watch() }
  }

  private fun start(device: Device): Process {
    val builder = ProcessBuilder(command(file, device)).directory(folder.toFile())
    // Relative ones are of this process's working folder.
    CACHES.forEach { name -> builder.environment().computeIfPresent(name) { _, path -> path.absolute() } }
    return builder.start()
  }

  private fun watch() {
    while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      if (residence.bytes() > limits.memoryBytes) {
        tooLarge = true
        process.destroyForcibly()
      }
    }
  }

  /** How the process has ended, which has stopped to answer. */
  fun end(): String {
    if (!process.waitFor(LAST_SECONDS, TimeUnit.SECONDS)) return "has written into the answers of its process"
    if (tooLarge) {
      val gigabytes = "%.1f".format(Locale.ROOT, limits.memoryBytes / 1e9)
      return "takes more than $gigabytes GB of memory and was stopped"
    }
    val exit = process.exitValue()
    val how = if (exit > SIGNALS) "by signal ${exit - SIGNALS}" else "with exit code $exit"
    return "has ended its process $how${said.get()?.let { " (\"$it\")" }.orEmpty()}"
  }

  /** Ends the process; what it wrote into its folder goes with it, and is said. */
  override fun close() {
    process.destroyForcibly().waitFor()
    listOf(requests, answers).forEach { runCatching(it::close) }
    val written = folder.listDirectoryEntries().size
    if (written > 0) log.warn("{} has written {} files into its working folder, which are deleted", file, written)
    aside.close()
  }

  internal companion object {
    private const val LOOK_MILLIS = 20L
    private const val LAST_SECONDS = 5L
    private const val SIGNALS = 128
    private val log = LoggerFactory.getLogger(ScriptChild::class.java)

    /**
     * Answers have a pipe of their own, 3, because scripts print. Ctrl-C is the host's affair, and where memory ends,
     * this process is the one to go.
     */
    const val SHELL =
      "trap '' INT TERM HUP; ulimit -c 0; { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; " +
        "exec 3>&1 1>&2; exec \"\$@\""

    val JVM = listOf("-XX:+UseSerialGC", "-Xmx2g", "-XX:+ExitOnOutOfMemoryError", "-XX:ErrorFile=/dev/null")

    /** Where DJL keeps PyTorch. */
    val CACHES = listOf("DJL_CACHE_DIR", "ENGINE_CACHE_DIR")

    fun String.absolute() = "${Path.of(this).toAbsolutePath()}"

    fun command(file: Path, device: Device): List<String> {
      val name = if (device.isGpu) "gpu${device.deviceId}" else "cpu"
      val worker = ScriptWorker::class.java.name
      return listOf("sh", "-c", SHELL, "sh") + anotherJvm(JVM, worker, file.toString().absolute(), name, "/dev/fd/3")
    }
  }
}
