package io.github.diffusionhost.app.doctor

import java.util.Locale

/** `23.4 GiB`. */
internal fun gibibytes(bytes: Long): String = "%.1f GiB".format(Locale.ROOT, bytes / GIB)

private const val GIB = 1024.0 * 1024 * 1024
