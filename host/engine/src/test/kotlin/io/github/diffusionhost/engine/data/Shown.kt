package io.github.diffusionhost.engine.data

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.kotest.matchers.collections.shouldContainExactly
import java.lang.management.ManagementFactory
import java.nio.LongBuffer
import java.util.concurrent.CompletableFuture

/** A window of a dataset, and what it shows. */
internal class Shown(dataset: ImageDataset, room: Int, manager: NDManager) : AutoCloseable {
  val data = StreamedDataset.of(dataset, manager)
  val window = data.window(room, manager)
  private val places = LongBuffer.allocate(room)

  fun show(vararg indices: Int): List<Byte> {
    window.show(indices, places)
    places.array().take(indices.size) shouldContainExactly indices.indices.map { it.toLong() }
    return window.images().toByteArray().asList().take(indices.size * 16)
  }

  fun ahead(vararg indices: Int) = window.ahead(indices)

  override fun close() = data.close()
}

internal fun with(dataset: ImageDataset, room: Int = 3, block: Shown.() -> Unit) =
  NDManager.newBaseManager().use { manager -> Shown(dataset, room, manager).use(block) }

/** What a block throws in a thread of its own. */
internal fun elsewhere(block: () -> Unit): CompletableFuture<Unit> {
  val result = CompletableFuture<Unit>()
  Thread {
    try {
      result.complete(block())
    } catch (e: Throwable) {
      result.completeExceptionally(e)
    }
  }
    .apply { isDaemon = true }
    .start()
  return result
}

/** The thread that another one stands still for, once it does, or has done. */
internal fun waitsFor(thread: Thread, done: CompletableFuture<*>): Long {
  val threads = ManagementFactory.getThreadMXBean()
  return generateSequence { threads.getThreadInfo(thread.id)?.lockOwnerId ?: -1 }.first { it >= 0 || done.isDone }
}
