package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.run.nativeSettings

/** How the process was started: what the launcher sets, and what somebody has set for it. */
internal class LauncherExamination(
  private val variables: Map<String, String>,
  private val home: String? = System.getProperty("diffusionhost.home"),
  private val system: String = System.getProperty("os.name"),
) : Examination {
  override val area = "launcher"

  override fun findings(): List<Finding> = listOf(installation(), memory()) + threads()

  private fun installation(): Finding =
    if (home != null) Finding(area, "installation", home)
    else
      Finding(
        area,
        "installation",
        "not started by host/bin/host",
        Verdict.NOTE,
        "Start it so: the launcher finds the plugins, and sets what native memory needs",
      )

  private fun memory(): Finding {
    val set = nativeSettings(variables)
    val found = set.entries.joinToString(" ") { "${it.key}=${it.value}" }.ifEmpty { "nothing" }
    val missing = if (system == "Linux") MALLOC.filterNot(set::containsKey) else emptyList()
    if (missing.isEmpty()) return Finding(area, "settings", found)
    val remedy =
      "Start it with host/bin/host: without ${missing.joinToString(", ")} a training step may take twice the time"
    return Finding(area, "settings", found, Verdict.NOTE, remedy)
  }

  private fun threads(): List<Finding> {
    val given = variables["OMP_NUM_THREADS"] ?: return emptyList()
    val remedy =
      if (given.toIntOrNull() in 1..MOST_THREADS) "That is how many cores a step may use; unset it to use all"
      else "That is no number of threads; unset it"
    return listOf(Finding(area, "threads", "OMP_NUM_THREADS=$given", Verdict.NOTE, remedy))
  }

  private companion object {
    const val MOST_THREADS = 4096
    val MALLOC = listOf("MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "MALLOC_TRIM_THRESHOLD_")
  }
}
