package io.github.diffusionhost.app.track

import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.api.tracker.TrackedRow
import io.github.diffusionhost.api.tracker.Tracker
import io.github.diffusionhost.app.plugins.inPluginOf
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.atomic.AtomicLong

/**
 * What waits for one tracker, and the thread that hands it over. Nothing here blocks a training or ends it: a tracker
 * that fails is a warning, once, and is tried again; what does not fit into the queue is left out and counted.
 *
 * @property start begins to record the run
 * @property replay tells a tracker of a run that is resumed what was recorded before
 * @property warn told of the first failure, and at the end of how much was lost
 */
internal class TrackerQueue(
  private val name: String,
  private val start: () -> Tracker,
  private val patience: Patience,
  private val replay: ((Tracker) -> Unit)? = null,
  private val warn: (String) -> Unit,
) {
  private sealed interface Record {
    data class Row(val row: TrackedRow) : Record

    data class Artifact(val file: Path, val name: String) : Record

    /** Nothing to record: wakes the thread. */
    data object Wake : Record
  }

  private val waiting = LinkedBlockingQueue<Record>(CAPACITY)
  private val offered = AtomicLong()
  private val taken = AtomicLong()
  private val delivery = Delivery(patience) { warn("tracker $name: $it") }
  @Volatile private var end: RunEnd? = null
  private val thread = Thread(::work, "tracker $name").apply { isDaemon = true }

  init {
    thread.start()
  }

  /** Has numbers recorded, when the tracker gets to it. */
  fun log(row: TrackedRow) = offer(Record.Row(row))

  /** Has a file recorded, when the tracker gets to it. */
  fun artifact(file: Path, name: String) = offer(Record.Artifact(file, name))

  /** Has the end recorded, and waits for it; call it once, and nothing else after it. */
  fun end(end: RunEnd) {
    offered.incrementAndGet()
    this.end = end
    delivery.ending()
    waiting.offer(Record.Wake)
    thread.join(patience.atEnd.toMillis())
    if (thread.isAlive) {
      delivery.expire()
      thread.interrupt()
      thread.join(LAST_MILLIS)
    }
    val lost = offered.get() - taken.get()
    if (lost > 0) {
      val why = delivery.problem ?: "it did not take them within ${patience.atEnd.toSeconds()} s of the end"
      warn("tracker $name: $lost of ${offered.get()} records are lost to it; the run's folder has them all. Last: $why")
    }
  }

  private fun offer(record: Record) {
    offered.incrementAndGet()
    if (!delivery.over) waiting.offer(record)
  }

  private fun work() {
    var tracker: Tracker? = null
    try {
      delivery.attempt { tracker = start() }
      tracker?.let { begun ->
        replay?.let { delivery.attempt { inPluginOf(begun) { it(begun) } } }
        handOver(begun)
      }
    } catch (_: InterruptedException) {
      // The host has waited long enough; what is left is counted as lost.
    } finally {
      delivery.expire()
      waiting.clear()
      tracker?.let(::close)
    }
  }

  private fun handOver(tracker: Tracker) {
    while (!delivery.over) {
      when (val record = next() ?: break) {
        is Record.Row -> {
          val rows = listOf(record.row) + rowsBehind()
          attempt(rows.size) { inPluginOf(tracker) { tracker.log(rows) } }
        }
        is Record.Artifact -> attempt(1) { inPluginOf(tracker) { tracker.artifact(record.file, record.name) } }
        is Record.Wake -> {}
      }
    }
    end?.let { attempt(1) { inPluginOf(tracker) { tracker.ended(it) } } }
  }

  private fun next(): Record? = if (end == null) waiting.take() else waiting.poll()

  private fun rowsBehind(): List<TrackedRow> = buildList {
    while (size < MOST_ROWS - 1 && waiting.peek() is Record.Row) add((waiting.poll() as Record.Row).row)
  }

  private fun attempt(records: Int, call: () -> Unit) {
    if (delivery.attempt(call)) taken.addAndGet(records.toLong())
  }

  private fun close(tracker: Tracker) {
    try {
      inPluginOf(tracker) { tracker.close() }
    } catch (e: Exception) {
      warn("tracker $name: closing it failed: ${e.message ?: e}")
    }
  }

  private companion object {
    /** Records that may wait; rows of numbers are a few kilobytes each. */
    const val CAPACITY = 2000
    /** Rows of one call. */
    const val MOST_ROWS = 100
    /** For a call that was interrupted, to return. */
    const val LAST_MILLIS = 1000L
  }
}
