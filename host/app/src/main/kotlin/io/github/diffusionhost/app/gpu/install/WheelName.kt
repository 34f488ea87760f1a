package io.github.diffusionhost.app.gpu.install

import java.net.URLDecoder

/**
 * What the file name of a wheel says (PyPA's "Binary distribution format", "File name convention").
 *
 * @property file the name itself, `%2B` and the like decoded
 * @property distribution as in an index: lower case, with hyphens
 * @property python the tag of the Python that it is for, such as `cp312`
 * @property platforms such as `manylinux_2_28_x86_64`
 */
internal data class WheelName(
  val file: String,
  val distribution: String,
  val version: String,
  val python: String,
  val platforms: List<String>,
) {
  /** Whether it is for Linux on x86-64. */
  val fits: Boolean
    get() = platforms.any { LINUX.matches(it) }

  companion object {
    private val NAME = Regex("[A-Za-z0-9][A-Za-z0-9._+!-]{0,250}\\.whl")
    private val LINUX = Regex("(many)?linux[0-9_]*_x86_64")
    private const val PARTS = 5

    /** Null if [name] is no wheel's. */
    fun parse(name: String): WheelName? {
      // "+" is itself in an address's path, and would be a space in a form.
      val file =
        try {
          URLDecoder.decode(name.replace("+", "%2B"), Charsets.UTF_8)
        } catch (_: IllegalArgumentException) {
          return null // a percent sign with no number after it
        }
      if (!NAME.matches(file)) return null
      val parts = file.removeSuffix(".whl").split('-')
      // Between version and tags there may be a number of the build.
      if (parts.size !in PARTS..PARTS + 1) return null
      val (python, _, platform) = parts.takeLast(3)
      return WheelName(file, distributionName(parts[0]), parts[1], python, platform.split('.'))
    }
  }
}

/** The name of a distribution in its one spelling (PEP 503, "Normalized Names"). */
internal fun distributionName(name: String): String = name.lowercase().replace(Regex("[-_.]+"), "-")
