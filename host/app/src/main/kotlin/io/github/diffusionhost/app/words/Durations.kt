package io.github.diffusionhost.app.words

import java.util.Locale
import kotlin.math.roundToLong

/** A time for people: `8 s`, `3 min 20 s`, `5 h 12 min`, `3 d 4 h`. */
fun duration(seconds: Double): String {
  if (!seconds.isFinite()) return "unknown time"
  val s = seconds.roundToLong()
  return when {
    s < 60 -> "$s s"
    s < 3600 -> "${s / 60} min ${s % 60} s"
    s < 86_400 -> "${s / 3600} h ${s % 3600 / 60} min"
    else -> "${s / 86_400} d ${s % 86_400 / 3600} h"
  }
}

/** A whole number with thousands set apart: `62,000`. */
fun count(number: Long): String = String.format(Locale.ROOT, "%,d", number)

/** Three digits that matter: `0.0123`, `12.3`, `123`. */
fun digits(number: Double): String =
  when {
    !number.isFinite() -> "$number"
    kotlin.math.abs(number) >= 100 -> String.format(Locale.ROOT, "%.0f", number)
    else -> String.format(Locale.ROOT, "%.3g", number)
  }
