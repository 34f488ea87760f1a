package io.github.diffusionhost.app.words

/** What operating systems say of files, and what a person can do about it. */
private val REMEDIES =
  mapOf(
    "Read-only file system" to "name a place that can be written to",
    "No space left on device" to "make room there, or name another place",
    "Disk quota exceeded" to "make room there, or name another place",
    "File name too long" to "choose a shorter name",
    "Too many open files" to "raise the limit, as by ulimit -n 4096",
    "Input/output error" to "the disk or network behind it fails; try another place",
  )

/** A reason with what to do about it, if it ends with one of those that are known. */
internal fun withRemedy(reason: String): String =
  REMEDIES.entries.find { reason.endsWith(it.key) }?.let { "$reason; ${it.value}" } ?: reason
