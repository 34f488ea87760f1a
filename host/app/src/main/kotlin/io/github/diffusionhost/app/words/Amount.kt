package io.github.diffusionhost.app.words

import java.util.Locale

private const val MIB = 1024.0 * 1024

/** An amount of memory: `512 MiB`, `23.4 GiB`. */
internal fun amount(bytes: Double): String =
  if (bytes < 1024 * MIB) "%.0f MiB".format(Locale.ROOT, bytes / MIB)
  else "%.1f GiB".format(Locale.ROOT, bytes / MIB / 1024)

internal fun amount(bytes: Long): String = amount(bytes.toDouble())
