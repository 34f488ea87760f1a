package io.github.diffusionhost.app.train

import java.util.UUID

/** The id of the run that begins or goes on: that which it has, or a new one, so that a fork is not its parent. */
internal fun idOf(beginning: Beginning, name: String): String =
  (beginning as? Beginning.Resumed)?.run?.id ?: "$name-${"${UUID.randomUUID()}".takeLast(DIGITS)}"

private const val DIGITS = 12
