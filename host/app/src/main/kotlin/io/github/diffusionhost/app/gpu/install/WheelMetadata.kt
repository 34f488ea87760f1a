package io.github.diffusionhost.app.gpu.install

/** A distribution that another one needs, at one version. */
internal data class Requirement(val distribution: String, val version: String) {
  override fun toString() = "$distribution $version"
}

/**
 * What a distribution's `METADATA` says (PyPA's "Core metadata specifications").
 *
 * @property libraries the distributions of NVIDIA's libraries that it needs on Linux x86-64
 */
internal data class WheelMetadata(val distribution: String, val version: String, val libraries: List<Requirement>) {
  companion object {
    private val PINNED = Regex("""(nvidia[A-Za-z0-9._-]*?)\s*(?:\[[^]]*])?\s*\(?\s*==\s*([A-Za-z0-9._+!]+)\s*\)?""")
    private val CLAUSE = Regex("""\(*\s*(\w+)\s*(==|!=)\s*['"]([^'"]*)['"]\s*\)*""")

    /** What markers ask for (PEP 508), as it is where libtorch for GPUs is installed. */
    private val HERE =
      mapOf(
        "platform_system" to "Linux",
        "sys_platform" to "linux",
        "platform_machine" to "x86_64",
        "os_name" to "posix",
      )

    /** Null if the text is no metadata. */
    fun parse(text: String): WheelMetadata? {
      // A blank line ends the headers; after it comes the description.
      val headers = text.lineSequence().takeWhile(String::isNotBlank).map { it.trimEnd() }.toList()
      fun header(name: String) =
        headers.filter { it.startsWith("$name:", ignoreCase = true) }.map { it.substringAfter(':').trim() }
      val name = header("Name").firstOrNull() ?: return null
      val version = header("Version").firstOrNull() ?: return null
      return WheelMetadata(distributionName(name), version, header("Requires-Dist").mapNotNull(::library))
    }

    private fun library(requirement: String): Requirement? {
      val wanted = PINNED.matchEntire(requirement.substringBefore(';').trim()) ?: return null
      val marker = requirement.substringAfter(';', "").trim()
      val holds = marker.isEmpty() || marker.split(" and ").all(::holds)
      return if (holds) Requirement(distributionName(wanted.groupValues[1]), wanted.groupValues[2]) else null
    }

    /** Of what is not known here, such as the Python's version, no library depends. */
    private fun holds(clause: String): Boolean {
      val (name, comparison, value) = CLAUSE.matchEntire(clause.trim())?.destructured ?: return true
      if (name == "extra") return false
      val here = HERE[name] ?: return true
      return (here == value) == (comparison == "==")
    }
  }
}
