package io.github.diffusionhost.app.selftest.check

import ai.djl.Device
import io.github.diffusionhost.app.run.SteppedTraining
import io.github.diffusionhost.app.run.deviceBytes
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.Outcome
import io.github.diffusionhost.app.selftest.SelfCheck
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.engine.options.Execution
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readLines

/**
 * Memory stays the same over many steps.
 *
 * @param gpuBytes what is taken of a GPU
 */
internal class EnduranceCheck(private val gpuBytes: (Device) -> Long? = ::deviceBytes) : SelfCheck {
  override val area = "memory"

  override fun run(subject: Subject, found: (Measured) -> Unit) {
    val steps = if (subject.quick) SOME else MANY
    val recipe = SmallRecipe.R3
    val config = recipe.config(subject)
    val growth =
      recipe.onImages(subject, config, subject.manager) { data ->
        SteppedTraining(subject.assembly, config, data, subject.manager, Execution.COMPILED, subject::step).use {
          repeat(WARM_UP) { _ -> it.step() }
          it.step.sums()
          val before = taken(subject.device)
          repeat(steps) { _ -> it.step() }
          it.step.sums()
          val after = taken(subject.device)
          if (before == null || after == null) null else (after - before).toDouble() / (1 shl 20)
        }
      }
    if (growth == null) {
      found(Measured(area, "MiB more", null, null, Outcome.SKIPPED, "this system does not say how much is taken"))
    } else {
      found(Measured.of(area, "MiB more after $steps steps", maxOf(0.0, growth), MEBIBYTES))
    }
  }

  /** Bytes that are taken of the device; on the CPU by this process outside the Java heap. */
  private fun taken(device: Device): Long? {
    if (device.isGpu) return gpuBytes(device)
    System.gc()
    val status = Path.of("/proc/self/status")
    val line = if (status.exists()) status.readLines().firstOrNull { it.startsWith("VmRSS:") } else null
    val kibibytes = line?.filter(Char::isDigit)?.toLongOrNull() ?: return null
    return kibibytes * 1024 - ManagementFactory.getMemoryMXBean().heapMemoryUsage.committed
  }

  private companion object {
    const val WARM_UP = 30
    const val SOME = 100
    const val MANY = 500

    /** A leak of one of the step's tensors comes to more; the JVM's own affairs take some. */
    const val MEBIBYTES = 48.0
  }
}
