package io.github.diffusionhost.app.run

import ai.djl.Device
import ai.djl.util.cuda.CudaUtils
import java.lang.management.ManagementFactory
import java.lang.management.MemoryUsage
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readLines

private val SETTINGS = listOf("MALLOC_", "GOMP_", "OMP_")

/** Seconds since the JVM started. */
internal fun secondsSinceStart(): Double =
  (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().startTime) / 1e3

/** The most memory that this process has had at a time, in bytes; null if the system does not say. */
internal fun peakResidentBytes(): Long? =
  field(Path.of("/proc/self/status"), "VmHWM")?.removeSuffix("kB")?.trim()?.toLong()?.times(1024)

/** The name of the processor; null if the system does not say. */
internal fun cpuModel(): String? = field(Path.of("/proc/cpuinfo"), "model name")

/** What the processor can do, in Linux's words such as `avx2`; null if the system does not say. */
internal fun cpuFlags(): Set<String>? =
  (field(Path.of("/proc/cpuinfo"), "flags") ?: field(Path.of("/proc/cpuinfo"), "Features"))?.split(' ')?.toSet()

/** The memory taken of a GPU, in bytes; null on the CPU. */
internal fun deviceBytes(device: Device, gpu: (Device) -> MemoryUsage = CudaUtils::getGpuMemory): Long? =
  if (device.isGpu) gpu(device).used else null

/** The variables of an environment that native memory and threads depend on, by name. */
internal fun nativeSettings(variables: Map<String, String>): Map<String, String> =
  variables.filterKeys { name -> SETTINGS.any(name::startsWith) }.toSortedMap()

/** The first `key: value` of a file of such lines; null without the file or the key. */
private fun field(file: Path, key: String): String? =
  if (!file.exists()) null
  else file.readLines().firstOrNull { it.substringBefore(':').trim() == key }?.substringAfter(':')?.trim()
