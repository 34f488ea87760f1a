package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.gpu.LibtorchChoice
import io.github.diffusionhost.app.gpu.LibtorchChooser
import io.github.diffusionhost.app.words.amount
import java.util.Locale

/** A GPU as its driver describes it. */
internal data class Gpu(
  val index: Int,
  val name: String,
  val memoryMebibytes: Long?,
  val takenMebibytes: Long?,
  val computeCapability: Double?,
)

/**
 * The NVIDIA driver and its devices, and whether libtorch can use them.
 *
 * @property choice of libtorch, made before anything is loaded
 * @property ask runs `nvidia-smi` with these arguments; null if it is not there, nothing if it fails
 * @property usable how many devices libtorch can use
 */
internal class GpuExamination(
  private val variables: Map<String, String>,
  private val choice: LibtorchChoice,
  private val ask: (List<String>) -> String? = { nvidiaSmi(it) },
  private val usable: () -> Int = { LibtorchExamination.load().gpus },
) : Examination {
  override val area = "gpu"

  override fun findings(): List<Finding> {
    val listed = ask(listOf("--query-gpu=$COLUMNS", "--format=csv,noheader,nounits"))
    val gpus = listed?.lines()?.mapNotNull(::gpu).orEmpty()
    if (listed == null) return withoutTool()
    if (gpus.isEmpty()) {
      val remedy = "Run it to see what is wrong with the driver"
      return listOf(Finding(area, "devices", "nvidia-smi is there, and names no device", Verdict.NOTE, remedy))
    }
    val cuda = CUDA.find(ask(emptyList()).orEmpty())?.groupValues?.get(1)
    val driver = Printable.line(listed.lines().first { gpu(it) != null }.substringAfterLast(',').trim(), LONGEST)
    return listOf(driver(driver, cuda)) + gpus.map(::device) + use(gpus.size)
  }

  /** In containers, the driver may be there without it. */
  private fun withoutTool(): List<Finding> {
    val obstacle = choice.obstacle
    val seen = choice.installed || obstacle != null && obstacle != LibtorchChooser.NO_DRIVER
    if (!seen) return listOf(Finding(area, "driver", "no NVIDIA driver; runs use the CPU"))
    return listOf(Finding(area, "driver", "there is one, without nvidia-smi, which would say more"), use(null))
  }

  private fun driver(version: String, cuda: String?): Finding {
    val found = "$version, for CUDA up to ${cuda ?: "an unknown version"}"
    val wanted = wantedCuda()
    if (cuda == null || cuda.substringBefore('.').toInt() >= wanted) return Finding(area, "driver", found)
    val remedy = "libtorch needs a driver for CUDA $wanted or newer; renew it"
    return Finding(area, "driver", found, Verdict.BROKEN, remedy)
  }

  /** `cu128` is 12.8; a driver takes every libtorch of its major version. */
  private fun wantedCuda(): Int =
    (variables[LibtorchChooser.FLAVOUR] ?: choice.properties[LibtorchChooser.FLAVOUR])
      ?.let { FLAVOUR.matchEntire(it) }
      ?.groupValues
      ?.get(1)
      ?.toInt() ?: OLDEST

  private fun device(gpu: Gpu): Finding {
    val taken = gpu.takenMebibytes?.let { ", ${amount(it shl 20)} of it taken" }.orEmpty()
    val memory = gpu.memoryMebibytes?.let { amount(it shl 20) + taken } ?: "memory unknown"
    val found = listOfNotNull(gpu.name, memory, gpu.computeCapability?.let(::types) ?: "compute capability unknown")
    return Finding(area, "gpu:${gpu.index}", Printable.line(found.joinToString(", "), LONGEST))
  }

  private fun types(capability: Double): String {
    val types = TYPES.filterValues { capability >= it }.keys.joinToString(", ").ifEmpty { "float32 alone" }
    return "compute capability ${"%.1f".format(Locale.ROOT, capability)}: $types"
  }

  private fun use(there: Int?): Finding {
    val usable = usable()
    if (usable > 0) return Finding(area, "use", "libtorch can use $usable${there?.let { " of $it" }.orEmpty()}")
    if (LibtorchExamination.FOLDER in variables) {
      val remedy = "Unset PYTORCH_LIBRARY_PATH and its like, and use host gpu install; docs/guides/GPU.md says more"
      return Finding(area, "use", "the named libtorch cannot use a device", Verdict.BROKEN, remedy)
    }
    if (choice.installed) {
      val remedy = "host gpu remove, then host gpu install; docs/guides/GPU.md says more"
      return Finding(area, "use", "libtorch, ${choice.why}, cannot use it", Verdict.BROKEN, remedy)
    }
    val reason = choice.obstacle?.what ?: "this libtorch is for CPUs"
    val remedy = choice.obstacle?.remedy ?: "docs/guides/GPU.md says what is needed"
    return Finding(area, "use", "$reason; runs use the CPU", Verdict.NOTE, remedy)
  }

  private fun gpu(line: String): Gpu? {
    val cells = line.split(',').map(String::trim)
    val after = COLUMNS.split(',').size - 2 // behind the name, which may hold commas itself
    if (cells.size < after + 2) return null
    val index = cells[0].toIntOrNull() ?: return null
    val (memory, taken, capability) = cells.takeLast(after)
    val name = cells.subList(1, cells.size - after).joinToString(", ")
    return Gpu(index, name, mebibytes(memory), mebibytes(taken), capability.toDoubleOrNull())
  }

  /** Not there where the driver says `[N/A]`, as of devices that share the machine's memory. */
  private fun mebibytes(text: String) = text.toLongOrNull()?.takeIf { it in 0..MOST_MEBIBYTES }

  private companion object {
    const val COLUMNS = "index,name,memory.total,memory.used,compute_cap,driver_version"
    val CUDA = Regex("""CUDA Version:\s*(\d{1,3}\.\d{1,3})\b""")
    const val MOST_MEBIBYTES = 1L shl 30
    const val LONGEST = 200
    val FLAVOUR = Regex("""cu(\d\d)\d""")

    /** PyTorch 2.7.1 is built for CUDA 11.8, 12.6 and 12.8 (pytorch.org, "previous versions"). */
    const val OLDEST = 11

    /**
     * The compute capability from which a device computes in a type (CUDA C++ Programming Guide, "Compute
     * Capabilities").
     */
    val TYPES = mapOf("float16" to 5.3, "bfloat16" to 8.0, "TF32" to 8.0)
  }
}
