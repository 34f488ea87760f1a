package io.github.diffusionhost.app.track

import java.time.Duration

/**
 * How long trackers are waited for.
 *
 * @property firstRetry from a call that failed to the next try; twice as long after each further failure
 * @property longestRetry the longest time between tries
 * @property atEnd after a run, for everything that a tracker has not taken yet
 */
internal data class Patience(
  val firstRetry: Duration = Duration.ofSeconds(1),
  val longestRetry: Duration = Duration.ofSeconds(60),
  val atEnd: Duration = Duration.ofSeconds(15),
)
