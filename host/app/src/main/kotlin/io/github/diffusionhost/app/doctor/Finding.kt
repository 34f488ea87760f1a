package io.github.diffusionhost.app.doctor

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What a finding means for the person who reads it. */
@Serializable
enum class Verdict {
  @SerialName("ok") OK,
  /** Things work, and could work better. */
  @SerialName("note") NOTE,
  /** Something that is needed, or was asked for, does not work. */
  @SerialName("broken") BROKEN,
}

/**
 * A line of what `host doctor` says.
 *
 * @property area what was looked at: `java`, `gpu`, …
 * @property what which part of it
 * @property found what there is
 * @property remedy what to do; null if there is nothing to do
 */
@Serializable
data class Finding(
  val area: String,
  val what: String,
  val found: String,
  val verdict: Verdict = Verdict.OK,
  val remedy: String? = null,
)
