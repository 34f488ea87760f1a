package io.github.diffusionhost.app.words

import io.github.diffusionhost.api.ApiVersion

/** The version of this program, from the manifest of its jar. */
internal fun hostVersion(): String = UserError::class.java.`package`.implementationVersion ?: "from sources"

internal fun versions() =
  "host ${hostVersion()} (plugin api ${ApiVersion.CURRENT}, Java ${System.getProperty("java.version")})"
