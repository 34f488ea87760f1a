package io.github.diffusionhost.app.run

import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText

/** The repository, whose `plugins/` the build has filled. */
val REPOSITORY: Path = Path.of(System.getProperty("repository.root")).toAbsolutePath().normalize()

/** The folder `shared` beside the repository, with real images and golden numbers, which may not be there. */
val SHARED: Path = System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of) ?: REPOSITORY.resolveSibling("shared")

/** What a finished process said. */
data class Finished(val exit: Int, val out: String, val err: String)

/**
 * A shell without a terminal starts what is in its background with SIGINT ignored, and who is started so passes it on:
 * a build there would wait in vain for its tests' Ctrl-C.
 */
private fun signalsAsOnTerminals(): List<String> {
  val status = Path.of("/proc/self/status")
  val ignored = if (status.exists()) status.readLines().first { it.startsWith("SigIgn:") }.drop(7).trim() else "0"
  val interrupt = (ignored.toULong(16) and 2uL) != 0uL
  return if (interrupt) listOf("env", "--default-signal=INT") else emptyList()
}

/**
 * What starts `host`: its launcher, where the property `diffusionhost.launcher` names it, else a JVM with the classes
 * under test.
 */
private fun command(flags: List<String>): Pair<List<String>, Map<String, String>> {
  val fast = listOf("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m") + flags
  val launcher = System.getProperty("diffusionhost.launcher")
  if (launcher != null) return listOf(launcher) to mapOf("DIFFUSIONHOST_JAVA_OPTS" to fast.joinToString(" "))
  val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
  val java = Path.of(System.getProperty("java.home"), "bin", "java")
  val main = listOf("-Ddiffusionhost.home=$REPOSITORY", "-cp", classPath, "io.github.diffusionhost.app.cli.MainKt")
  return listOf("$java") + fast + main to mapOf()
}

/** `host` in a process of its own, with the repository's plugins. */
class HostProcess(
  vararg arguments: String,
  flags: List<String> = emptyList(),
  environment: Map<String, String> = emptyMap(),
  directory: Path = REPOSITORY,
) {
  private val out = createTempFile("host", ".out")
  private val err = createTempFile("host", ".err")
  private val process: Process

  init {
    val (start, options) = command(flags)
    val builder = ProcessBuilder(signalsAsOnTerminals() + start + arguments)
    builder.environment() += mapOf("TORCH_CPP_LOG_LEVEL" to "ERROR", "OMP_NUM_THREADS" to "1") + options + environment
    builder.directory(directory.toFile())
    process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start()
  }

  /** Everything written to standard output so far. */
  fun output(): String = out.readText()

  /** Everything written to standard error so far. */
  fun errors(): String = err.readText()

  /** Whether it runs. */
  fun alive(): Boolean = process.isAlive

  /** Waits until standard output has [text], or the process has ended. */
  fun awaitOutput(text: String) {
    while (process.isAlive && text !in output()) Thread.sleep(5)
  }

  /** Ends the process as `kill -9` does. */
  fun kill() {
    process.destroyForcibly().waitFor()
  }

  /** Sends a signal by name. */
  fun signal(name: String) {
    ProcessBuilder("kill", "-$name", "${process.pid()}").start().waitFor()
  }

  /** Waits for the end. */
  fun finish(): Finished {
    check(process.waitFor(5, TimeUnit.MINUTES)) { "host has not ended after 5 minutes: ${output()} ${err.readText()}" }
    return Finished(process.exitValue(), out.readText(), err.readText()).also {
      out.deleteIfExists()
      err.deleteIfExists()
    }
  }
}

/** Runs `host` to its end. */
fun host(vararg arguments: String, environment: Map<String, String> = emptyMap()): Finished =
  HostProcess(*arguments, environment = environment).finish()

/** A run that takes a few seconds: a small transformer on 200 glyphs, with many checkpoints. */
const val TINY_RUN =
  """
name: tiny
model: { use: dit, patch: 7, width: 32, layers: 1, heads: 2, headSize: 16, timeSize: 32, classSize: 32, initStd: 0.05 }
scheduler: { use: flowmatch }
dataset: { use: glyphs, count: 200 }
train:
  steps: 60
  batchSize: 16
  optimizer: { lr: 1e-3 }
  lrSchedule: { use: cosine, warmupSteps: 10, from: 0 }
  labelDropout: 0.1
  ema: [{ use: ramp, decay: 0.99 }, { use: constant, decay: 0.9 }]
  logEvery: 4
  sampleEvery: 25
  checkpointEvery: 3
sample: { steps: 3, count: 4, guidance: 1.5 }
"""
