package io.github.diffusionhost.app.script

import com.sun.management.OperatingSystemMXBean
import java.lang.management.ManagementFactory
import java.time.Duration

/**
 * What a TorchScript file of somebody's may take.
 *
 * @property call time for one call, and for loading
 * @property memoryBytes memory of its process, the JVM and PyTorch included
 * @property afterStop time for a call that is under way when somebody asks to stop
 */
internal data class ScriptLimits(
  val call: Duration = Duration.ofMinutes(10),
  val memoryBytes: Long = maxOf(LEAST, physicalBytes() / 2),
  val afterStop: Duration = Duration.ofSeconds(30),
) {
  private companion object {
    const val LEAST = 4L shl 30

    fun physicalBytes(): Long =
      (ManagementFactory.getOperatingSystemMXBean() as? OperatingSystemMXBean)?.totalMemorySize ?: 0
  }
}
