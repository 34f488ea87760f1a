package io.github.diffusionhost.app.doctor

import com.sun.management.OperatingSystemMXBean
import io.github.diffusionhost.app.run.cpuFlags
import io.github.diffusionhost.app.run.cpuModel
import io.github.diffusionhost.app.words.amount
import io.github.diffusionhost.engine.device.DeviceRoom
import java.lang.management.ManagementFactory

/** Processor and memory; in a container, what that may have. */
internal class MachineExamination(
  private val model: String? = cpuModel(),
  private val flags: Set<String>? = cpuFlags(),
  private val cores: Int = Runtime.getRuntime().availableProcessors(),
  private val memoryBytes: Long =
    (ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean).totalMemorySize,
  private val freeBytes: Long = DeviceRoom.available(),
) : Examination {
  override val area = "machine"

  override fun findings(): List<Finding> {
    val system =
      "${System.getProperty("os.name")} ${System.getProperty("os.version")}, ${System.getProperty("os.arch")}"
    return listOf(Finding(area, "system", system), processor(), memory()) + listOfNotNull(arithmetic())
  }

  private fun processor() =
    Finding(area, "processor", "${model ?: "of unknown kind"}, $cores ${if (cores == 1) "core" else "cores"}")

  private fun memory(): Finding {
    val found = "${amount(memoryBytes)}, ${amount(freeBytes)} of it free"
    if (freeBytes >= ENOUGH) return Finding(area, "memory", found)
    val remedy =
      "Training the networks of the recipes takes some 3 GiB; close other programs, or use a smaller " +
        "train.microBatchSize"
    return Finding(area, "memory", found, Verdict.NOTE, remedy)
  }

  private fun arithmetic(): Finding? {
    val known = flags ?: return null
    val wide = WIDE.filterKeys(known::contains).values.lastOrNull() ?: "no AVX2"
    val bfloat16 = BFLOAT16.any(known::contains)
    return Finding(
      area,
      "arithmetic",
      if (bfloat16) "$wide, with bfloat16" else "$wide, without bfloat16; use fp32 here",
    )
  }

  private companion object {
    const val ENOUGH = 3L * 1024 * 1024 * 1024

    /** As Linux names them, narrow to wide. */
    val WIDE = mapOf("avx2" to "AVX2", "avx512f" to "AVX-512", "asimd" to "NEON", "sve" to "SVE")
    val BFLOAT16 = setOf("avx512_bf16", "amx_bf16", "bf16")
  }
}
