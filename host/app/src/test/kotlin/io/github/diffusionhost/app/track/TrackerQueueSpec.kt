package io.github.diffusionhost.app.track

import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.api.tracker.Tracker
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.TimeSource

private val FINISHED = RunEnd(RunEnd.Outcome.FINISHED, null)

/** What a tracker can do wrong, and what a training sees of it: nothing. */
class TrackerQueueSpec :
  FunSpec({
    val warnings = CopyOnWriteArrayList<String>()

    beforeTest { warnings.clear() }

    fun queue(atEnd: Duration = Duration.ofSeconds(10), start: () -> Tracker) =
      TrackerQueue("played", start, Patience(Duration.ofMillis(5), Duration.ofMillis(20), atEnd)) { warnings += it }

    fun milliseconds(block: () -> Unit): Long {
      val begin = TimeSource.Monotonic.markNow()
      block()
      return begin.elapsedNow().inWholeMilliseconds
    }

    test("a tracker hears of everything, in order, on a thread of its own, and is closed") {
      val tracker = PlayedTracker()
      val queue = queue { tracker }
      queue.log(row(1))
      queue.artifact(Path.of("/x/grid.png"), "samples/grid.png")
      queue.log(row(2))
      queue.end(FINISHED)
      tracker.calls shouldContainExactly
        listOf("log 1", "artifact samples/grid.png", "log 2", "ended FINISHED", "close")
      tracker.threads.toSet() shouldBe setOf("tracker played")
      warnings.shouldBeEmpty()
    }

    test("a tracker of a run that is resumed hears first what was recorded before, again if that fails") {
      val failures = AtomicInteger()
      val tracker = PlayedTracker { if (failures.incrementAndGet() == 1) throw IOException("not yet") }
      val queue =
        TrackerQueue(
          "played",
          { tracker },
          Patience(Duration.ofMillis(5)),
          { it.replay(listOf(row(1), row(2)), mapOf()) },
        ) {
          warnings += it
        }
      queue.log(row(3))
      queue.end(FINISHED)
      tracker.calls shouldContainExactly listOf("replay 2 0", "log 3", "ended FINISHED", "close")
      tracker.threads.toSet() shouldBe setOf("tracker played")
    }

    test("a slow tracker holds nothing up, and rows that wait come together") {
      val busy = CountDownLatch(1)
      val tracker = PlayedTracker { if (it == "log 1") busy.await() }
      val queue = queue { tracker }
      queue.log(row(1))
      milliseconds { (2..301).forEach { queue.log(row(it)) } } shouldBeLessThan 1000
      busy.countDown()
      queue.end(FINISHED)
      tracker.steps() shouldContainExactly (1..301).toList()
      tracker.calls.filter { it.startsWith("log") }.maxOf { it.split(" ").size - 1 } shouldBe 100
      warnings.shouldBeEmpty()
    }

    test("a call that fails is made again, with one warning, and nothing is lost") {
      val failures = AtomicInteger()
      val tracker = PlayedTracker { if (failures.incrementAndGet() in 1..6) throw IOException("the server is away") }
      val starts = AtomicInteger()
      val queue = queue {
        if (starts.incrementAndGet() < 4) throw NoSuchFileException("/nowhere")
        tracker
      }
      (1..5).forEach { queue.log(row(it)) }
      while (tracker.steps().size < 5) Thread.sleep(5)
      queue.end(FINISHED)
      tracker.calls.takeLast(2) shouldBe listOf("ended FINISHED", "close")
      warnings shouldContainExactly
        listOf("tracker played: /nowhere: no such file or folder; the training goes on, and this is tried again")
    }

    test("a call that is refused is left out, counted, and the next one made") {
      val tracker = PlayedTracker { if ("bad" in it) throw IllegalArgumentException("no bad ones") }
      val queue = queue { tracker }
      queue.artifact(Path.of("a"), "bad")
      queue.artifact(Path.of("b"), "good")
      queue.end(FINISHED)
      tracker.calls shouldContainExactly listOf("artifact good", "ended FINISHED", "close")
      warnings[0] shouldBe "tracker played: no bad ones; the training goes on without it"
      warnings[1] shouldBe
        "tracker played: 1 of 3 records are lost to it; the run's folder has them all. Last: no bad ones"
      warnings.size shouldBe 2
    }

    for ((what, problem) in
      listOf("refuses to start" to IllegalStateException("deleted"), "does not link" to NoClassDefFoundError("x/Y"))) {
      test("a tracker that $what is off from then on, and takes no memory") {
        val queue = queue { throw problem }
        (1..5000).forEach { queue.log(row(it)) }
        milliseconds { queue.end(FINISHED) } shouldBeLessThan 2000
        warnings.size shouldBe 2
        warnings[1] shouldContain "5001 of 5001 records are lost to it"
      }
    }

    test("a tracker that never answers is given up some time after the end, even if it ignores that") {
      for (deaf in listOf(false, true)) {
        warnings.clear()
        val never = CountDownLatch(1)
        val queue =
          queue(Duration.ofMillis(300)) {
            PlayedTracker {
              while (true) {
                try {
                  never.await()
                } catch (e: InterruptedException) {
                  if (!deaf) throw IOException(e)
                }
              }
            }
          }
        queue.log(row(1))
        milliseconds { queue.end(FINISHED) } shouldBeLessThan 3000
        warnings.single() shouldContain "2 of 2 records are lost to it"
        warnings.single() shouldContain "it did not take them within 0 s of the end"
      }
    }

    test("a tracker that fails when the run ends is tried once more, not until the time is up") {
      val queue = queue { throw IOException("no connection") }
      queue.log(row(1))
      milliseconds { queue.end(FINISHED) } shouldBeLessThan 3000
      warnings[1] shouldBe
        "tracker played: 2 of 2 records are lost to it; the run's folder has them all. Last: no connection"
      val once = AtomicInteger()
      val tracker = PlayedTracker { if ("ended" in it && once.incrementAndGet() == 1) throw IOException("a hiccup") }
      queue { tracker }.end(FINISHED)
      tracker.calls shouldContain "ended FINISHED"
    }

    test("what does not fit into the queue is lost, newest first, and counted") {
      val busy = CountDownLatch(1)
      val tracker = PlayedTracker { if (it == "log 1") busy.await() }
      val queue = queue { tracker }
      queue.log(row(1))
      while (
        Thread.getAllStackTraces().none { (thread, stack) ->
          thread.name == "tracker played" && stack.any { it.methodName == "log" }
        }
      ) {
        Thread.sleep(5)
      }
      (2..2600).forEach { queue.log(row(it)) }
      busy.countDown()
      queue.end(FINISHED)
      tracker.steps() shouldContainExactly (1..2001).toList()
      tracker.calls shouldContain "ended FINISHED"
      warnings.single() shouldContain "599 of 2601 records are lost to it"
    }

    test("a tracker that fails to close is a warning") {
      queue { PlayedTracker { if (it == "close") throw IOException("still open") } }.end(FINISHED)
      warnings shouldContainExactly listOf("tracker played: closing it failed: still open")
    }
  })
