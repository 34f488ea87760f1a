package io.github.diffusionhost.engine.batch

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.support.WatchedDataset
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.io.UncheckedIOException

private const val SEED = 5L
private const val IMAGES = 23
private const val BATCH = 6

/** The parts of the batch of a step. */
private data class Part(val step: Long, val first: Int, val count: Int)

private fun parts(steps: LongRange, count: Int) = steps.flatMap { step ->
  (0 until BATCH step count).map { Part(step, it, minOf(count, BATCH - it)) }
}

class DatasetBatchesSpec :
  FunSpec({
    fun <T> batches(dataset: WatchedDataset, block: (DatasetBatches) -> T): T =
      NDManager.newBaseManager().use { manager ->
        TrainingImages.of(dataset, manager).use { block(DatasetBatches(it, manager, SEED, 0.3)) }
      }

    /** Pixels, labels and draws of a part. */
    fun DatasetBatches.everything(part: Part): List<List<Number>> {
      val given = inputs(part.step, BATCH, part.first, part.count)
      val pixels = pixels(BATCH).toByteArray().asList()
      val elements = pixels.size / pixels(BATCH).shape[0].toInt()
      val seen =
        given.indices().toLongArray().flatMap { pixels.subList(it.toInt() * elements, (it.toInt() + 1) * elements) }
      val labels = given.labels()!!.toLongArray().asList()
      return listOf(seen, labels, given.loss().uniform(Shape(part.count.toLong())).toFloatArray().asList())
    }

    for (count in listOf(6, 3, 2, 4)) {
      test("streamed images are those of a resident dataset for epochs, in parts of $count") {
        val asked = parts(0L..20, count) // 126 images: five epochs, and ends of epochs within batches
        val streamed = batches(WatchedDataset(IMAGES, 3)) { source -> asked.map { source.everything(it) } }
        val resident =
          batches(WatchedDataset(IMAGES, 3, mapped = false)) { source -> asked.map { source.everything(it) } }
        streamed shouldBe resident
      }
    }

    test("so they are when steps are asked for twice, out of turn, in other parts or from another step on") {
      val asked =
        parts(0L..3, 6) +
          parts(3L..3, 2) +
          parts(2L..2, 4) +
          parts(4L..6, 6) +
          parts(0L..0, 6) +
          parts(7L..7, 3) +
          parts(100L..104, 6) +
          parts(5L..9, 2)
      val streamed = batches(WatchedDataset(IMAGES, 3)) { source -> asked.map { source.everything(it) } }
      val resident =
        batches(WatchedDataset(IMAGES, 3, mapped = false)) { source -> asked.map { source.everything(it) } }
      streamed shouldBe resident
    }

    test("images are read once for each step, in the order of the run, though another thread reads ahead") {
      val dataset = WatchedDataset(IMAGES, 3)
      batches(dataset) { source -> for (step in 0L..20) source.inputs(step, BATCH, 0, BATCH) }
      dataset.overlaps.get() shouldBe 0
      val read = dataset.reads.map { it.index }
      read.take(21 * BATCH) shouldContainExactly BatchOrder(SEED, IMAGES).indices(0, 21 * BATCH).asList()
      (read.size <= 22 * BATCH) shouldBe true
    }

    test("the batch of the step to come is read while nobody asks for it") {
      val dataset = WatchedDataset(IMAGES, 3)
      val last = BatchOrder(SEED, IMAGES).indices(2L * BATCH, BATCH).last()
      batches(dataset) { source ->
        source.inputs(0, BATCH, 0, BATCH)
        val gate = dataset.gate(last)
        source.inputs(1, BATCH, 0, BATCH)
        gate.await()
        dataset.readsBy(Thread.currentThread()).size shouldBe 2 * BATCH
        gate.open()
        source.inputs(2, BATCH, 0, BATCH)
        dataset.readsBy(Thread.currentThread()).size shouldBe 2 * BATCH
      }
    }

    test("an image of the step to come that cannot be read stops that step, and no other one") {
      val dataset = WatchedDataset(IMAGES, 3)
      val torn = BatchOrder(SEED, IMAGES).indices(2L * BATCH, BATCH)[3]
      batches(dataset) { source ->
        source.inputs(0, BATCH, 0, BATCH)
        dataset.fault(torn) { IOException("image $torn is torn") }
        val gate = dataset.gate(torn)
        source.inputs(1, BATCH, 0, BATCH)
        gate.await()
        gate.open()
        source.inputs(1, BATCH, 0, 2)
        val stopped = shouldThrow<UncheckedIOException> { source.inputs(2, BATCH, 0, BATCH) }
        stopped.cause!!.message shouldBe "image $torn is torn"
      }
    }

    test("when the images are closed no thread is left behind") {
      val dataset = WatchedDataset(IMAGES, 3)
      batches(dataset) { source -> for (step in 0L..5) source.inputs(step, BATCH, 0, BATCH) }
      for (thread in dataset.otherThreads()) {
        thread.join(20_000)
        thread.isAlive shouldBe false
      }
    }
  })
