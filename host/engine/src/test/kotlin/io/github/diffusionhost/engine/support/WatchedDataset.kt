package io.github.diffusionhost.engine.support

import io.github.diffusionhost.api.dataset.ImageDataset
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger

/** An image that was read, and where. */
data class Read(val index: Int, val thread: Thread, val loader: ClassLoader?)

/** A dataset that keeps account of its reads, stands still where it is told to, and finds out if two overlap. */
class WatchedDataset(private val count: Int, classes: Int = 0, private val mapped: Boolean = true) :
  ImageDataset by CountingDataset(count, classes) {
  val reads = CopyOnWriteArrayList<Read>()
  val overlaps = AtomicInteger()
  private val reading = AtomicInteger()
  private val gates = ConcurrentHashMap<Int, Gate>()
  private val faults = ConcurrentHashMap<Int, () -> Throwable>()
  private val source = CountingDataset(count, classes)

  /** Where reads of an image stand still. */
  class Gate {
    private val reached = CountDownLatch(1)
    private val opened = CountDownLatch(1)

    /** Waits until a read is here. */
    fun await() = check(reached.await(20, SECONDS)) { "nobody has read that image" }

    fun open() = opened.countDown()

    internal fun pass() {
      reached.countDown()
      check(opened.await(20, SECONDS)) { "nobody has opened the gate" }
    }
  }

  fun gate(index: Int) = Gate().also { gates[index] = it }

  /** From now on reading this image ends so. */
  fun fault(index: Int, thrown: () -> Throwable) {
    faults[index] = thrown
  }

  fun readsBy(thread: Thread) = reads.filter { it.thread === thread }.map { it.index }

  /** The threads, but for this one, that have read. */
  fun otherThreads() = reads.map { it.thread }.distinct() - Thread.currentThread()

  fun bytes(vararg indices: Int) = indices.flatMap { index ->
    ByteArray(source.shape().elements()).also { source.read(index, it, 0) }.asList()
  }

  override fun mapped() = mapped

  override fun read(index: Int, target: ByteArray, offset: Int) {
    if (reading.incrementAndGet() > 1) overlaps.incrementAndGet()
    try {
      reads += Read(index, Thread.currentThread(), Thread.currentThread().contextClassLoader)
      gates[index]?.pass()
      faults[index]?.let { throw it() }
      source.read(index, target, offset)
    } finally {
      reading.decrementAndGet()
    }
  }
}
