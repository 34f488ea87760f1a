package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.words.amount

/** The JVM that runs this. */
internal class JavaExamination(
  private val property: (String) -> String? = System::getProperty,
  private val heapBytes: Long = Runtime.getRuntime().maxMemory(),
) : Examination {
  override val area = "java"

  override fun findings(): List<Finding> =
    listOf(
      Finding(area, "version", "${property("java.version")}, ${property("java.vendor")}, in ${property("java.home")}"),
      heap(),
      characters(),
    )

  private fun heap(): Finding {
    val found = "at most ${amount(heapBytes)}; arrays are outside it"
    if (heapBytes >= ENOUGH) return Finding(area, "heap", found)
    val remedy = "Give it more: DIFFUSIONHOST_JAVA_OPTS=-Xmx1g"
    return Finding(area, "heap", found, Verdict.NOTE, remedy)
  }

  private fun characters(): Finding {
    val encoding = property("sun.jnu.encoding").orEmpty()
    if (encoding.uppercase() in WHOLE) return Finding(area, "file names", encoding)
    val remedy = "File names outside it cannot be read; set LC_ALL=C.UTF-8"
    return Finding(area, "file names", encoding.ifEmpty { "unknown" }, Verdict.NOTE, remedy)
  }

  private companion object {
    const val ENOUGH = 500L * 1024 * 1024
    val WHOLE = setOf("UTF-8", "UTF8")
  }
}
