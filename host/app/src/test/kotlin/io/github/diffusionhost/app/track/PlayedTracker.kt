package io.github.diffusionhost.app.track

import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.api.tracker.TrackedRow
import io.github.diffusionhost.api.tracker.Tracker
import java.nio.file.Path
import java.time.Instant
import java.util.concurrent.CopyOnWriteArrayList

/** Writes down its calls; [before] runs first in each and may throw. */
class PlayedTracker(private val before: (String) -> Unit = {}) : Tracker {
  val calls = CopyOnWriteArrayList<String>()
  val threads = CopyOnWriteArrayList<String>()

  override fun log(rows: List<TrackedRow>) = call("log ${rows.joinToString(" ") { "${it.step}" }}")

  override fun replay(rows: List<TrackedRow>, files: Map<String, Path>) = call("replay ${rows.size} ${files.size}")

  override fun artifact(file: Path, name: String) = call("artifact $name")

  override fun ended(end: RunEnd) = call("ended ${end.outcome}")

  override fun close() = call("close")

  fun steps() = calls.filter { it.startsWith("log ") }.flatMap { it.removePrefix("log ").split(" ") }.map { it.toInt() }

  private fun call(what: String) {
    before(what)
    calls += what
    threads += Thread.currentThread().name
  }
}

fun row(step: Int) = TrackedRow(step.toLong(), 16L * step, 1.0, Instant.now(), mapOf("train/loss" to 1.0 / step))
