package io.github.diffusionhost.engine.data

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.engine.contract.WrongResultException
import io.github.diffusionhost.engine.support.WatchedDataset
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.io.InterruptedIOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit.SECONDS

class ReadAheadSpec :
  FunSpec({
    test("what comes next is read by another thread while this one does something else, and is not read again") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        show(0, 1, 2) shouldContainExactly dataset.bytes(0, 1, 2)
        val gate = dataset.gate(5)
        ahead(3, 4, 5)
        gate.await() // nobody has asked for them yet
        dataset.readsBy(Thread.currentThread()) shouldContainExactly listOf(0, 1, 2)
        window.images().toByteArray().asList() shouldContainExactly dataset.bytes(0, 1, 2)
        gate.open()
        show(3, 4, 5) shouldContainExactly dataset.bytes(3, 4, 5)
        dataset.reads.map { it.index } shouldContainExactly (0..5).toList()
        val other = dataset.otherThreads().single()
        other.isDaemon shouldBe true
        other.name shouldBe ImageReads.THREAD
      }
    }

    test("images that are still being read are waited for, and read by whoever comes first") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        val gate = dataset.gate(4)
        ahead(3, 4, 5)
        gate.await()
        val shown = elsewhere { show(3, 4, 5) shouldContainExactly dataset.bytes(3, 4, 5) }
        gate.open()
        shown.get(20, SECONDS)
        dataset.reads.map { it.index } shouldContainExactly listOf(3, 4, 5)
        dataset.overlaps.get() shouldBe 0
      }
    }

    test("what is shown is what was asked for, whatever was foreseen") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        for (foreseen in listOf(intArrayOf(3, 4, 5), intArrayOf(5), intArrayOf(2, 1, 0))) {
          for (wanted in listOf(intArrayOf(5, 4, 3), intArrayOf(3), intArrayOf(9, 9, 9), foreseen, foreseen)) {
            ahead(*foreseen)
            show(*wanted) shouldContainExactly dataset.bytes(*wanted)
          }
        }
        dataset.overlaps.get() shouldBe 0
      }
    }

    test("others are shown in between, and what was read ahead is not read again for that") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        val gate = dataset.gate(5)
        ahead(3, 4, 5)
        gate.await()
        gate.open()
        show(7, 8) shouldContainExactly dataset.bytes(7, 8)
        show(9) shouldContainExactly dataset.bytes(9)
        ahead(3, 4, 5)
        show(3, 4, 5) shouldContainExactly dataset.bytes(3, 4, 5)
        dataset.reads.map { it.index } shouldContainExactly listOf(3, 4, 5, 7, 8, 9)
      }
    }

    test("more images than fit are refused, ahead as when they are shown") {
      with(WatchedDataset(10)) {
        shouldThrow<IllegalArgumentException> { ahead(0, 1, 2, 3) }.message shouldBe "4 images do not fit a window of 3"
      }
    }

    val faults =
      listOf(
        IOException("image 4 is torn"),
        IllegalStateException("it is night"),
        StackOverflowError(),
        OutOfMemoryError("Java heap space"),
        InterruptedException("undeclared"),
      )
    for (fault in faults) {
      test("${fault.javaClass.simpleName} in reading ahead is thrown when that image is shown, as it was thrown") {
        val dataset = WatchedDataset(10)
        with(dataset) {
          dataset.fault(4) { fault }
          val gate = dataset.gate(4)
          ahead(3, 4, 5)
          gate.await()
          gate.open()
          show(3) shouldContainExactly dataset.bytes(3)
          show(5, 6) shouldContainExactly dataset.bytes(5, 6)
          shouldThrow<Throwable> { show(3, 4, 5) } shouldBeSameInstanceAs fault
          dataset.reads.map { it.index } shouldContainExactly listOf(3, 4, 3, 5, 6)
          show(5) shouldContainExactly dataset.bytes(5)
          Thread.interrupted() shouldBe false
        }
      }
    }

    test("an image that is foreseen and never shown is not told of, however wrong it is") {
      val dataset = WatchedDataset(10)
      dataset.fault(4) { IOException("image 4 is torn") }
      with(dataset) {
        val gate = dataset.gate(4)
        ahead(4)
        gate.await()
        gate.open()
        ahead(5)
        show(5) shouldContainExactly dataset.bytes(5)
      }
    }

    test("what a dataset writes beside its place ahead, or does to the thread, is told as ever, with its class") {
      for (misbehaves in listOf<(ByteArray, Int) -> Unit>({ t, o -> t[o - 1] = 1 }, { _, _ -> interrupt() })) {
        val dataset =
          object : ImageDataset by WatchedDataset(4) {
            override fun mapped() = true

            override fun read(index: Int, target: ByteArray, offset: Int) = misbehaves(target, offset)
          }
        with(dataset) {
          ahead(2)
          val wrong = shouldThrow<WrongResultException> { show(2) }
          wrong.source() shouldBe dataset.javaClass
          wrong.call() shouldBe "read"
        }
      }
    }

    test("the second thread reads under the dataset's class loader, as the first one does") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        val gate = dataset.gate(0)
        ahead(0)
        gate.await()
        gate.open()
        show(0)
        dataset.reads.single().loader shouldBe WatchedDataset::class.java.classLoader
      }
    }

    test("no two reads overlap, whoever reads") {
      val dataset = WatchedDataset(400)
      with(dataset) {
        val shared = SharedDataset(data)
        val others =
          listOf(
            elsewhere {
              for (i in 0 until 400) ByteArray(16).also { shared.read(i, it, 0) }.asList() shouldBe dataset.bytes(i)
            },
            elsewhere { repeat(20) { data.choose(IntArray(20) { i -> i }).close() } },
            elsewhere { data.sha256() },
          )
        for (i in 0 until 390 step 3) {
          show(i, i + 1, i + 2) shouldContainExactly dataset.bytes(i, i + 1, i + 2)
          ahead(i + 3, i + 4, i + 5)
        }
        others.forEach { it.get(20, SECONDS) }
        dataset.overlaps.get() shouldBe 0
      }
    }

    test("who waits for an image that is read ahead can be interrupted, and stays so") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        val gate = dataset.gate(3)
        ahead(3)
        gate.await()
        val waiting = CompletableFuture<Thread>()
        val shown = elsewhere {
          waiting.complete(Thread.currentThread())
          val stopped = shouldThrow<InterruptedIOException> { show(3) }
          stopped.message shouldBe "interrupted while another thread read an image"
          Thread.currentThread().isInterrupted shouldBe true
        }
        waiting.get(20, SECONDS).interrupt()
        shown.get(20, SECONDS)
        gate.open()
        show(3) shouldContainExactly dataset.bytes(3)
      }
    }

    test("a thread that was interrupted before, and need not wait, reads as ever") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        Thread.currentThread().interrupt()
        show(3) shouldContainExactly dataset.bytes(3)
        Thread.interrupted() shouldBe true
      }
    }

    test("who waits for an image is seen to wait for the thread that reads it") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        val gate = dataset.gate(3)
        ahead(3)
        gate.await()
        val waiting = CompletableFuture<Thread>()
        val shown = elsewhere {
          waiting.complete(Thread.currentThread())
          show(3)
        }
        waitsFor(waiting.get(20, SECONDS), shown) shouldBe dataset.reads.single().thread.id
        gate.open()
        shown.get(20, SECONDS)
      }
    }

    test("closing waits for the image at hand, reads no other one, and ends the thread") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        val gate = dataset.gate(3)
        ahead(3, 4, 5)
        gate.await()
        val thread = dataset.reads.single().thread
        val waiting = CompletableFuture<Thread>()
        val closed = elsewhere {
          waiting.complete(Thread.currentThread())
          Thread.currentThread().interrupt() // which does not make it leave the read alone
          close()
          Thread.interrupted() shouldBe true
        }
        waitsFor(waiting.get(20, SECONDS), closed) shouldBe thread.id
        gate.open()
        closed.get(20, SECONDS)
        dataset.reads.map { it.index } shouldContainExactly listOf(3)
        thread.join(20_000)
        thread.isAlive shouldBe false
        ahead(6)
        show(3, 4, 5) shouldContainExactly dataset.bytes(3, 4, 5)
        dataset.otherThreads() shouldContainExactly listOf(thread)
      }
    }

    test("a thread that nobody closes ends when it has nothing to do, and another one begins when there is") {
      val dataset = WatchedDataset(10)
      with(dataset) {
        for (index in 3..4) {
          val gate = dataset.gate(index)
          ahead(index)
          gate.await()
          gate.open()
          show(index) shouldContainExactly dataset.bytes(index)
          val thread = dataset.reads.last().thread
          thread.join(20_000)
          thread.isAlive shouldBe false
        }
        dataset.otherThreads().size shouldBe 2
      }
    }

    test("a thread that ends the process while it reads is not waited for, and its images are told to be the cause") {
      val dataset = WatchedDataset(10)
      val gate = dataset.gate(3)
      val reads = ImageReads(dataset, ReadingTurn { it.name == ImageReads.THREAD })
      val torn = ImagePart(intArrayOf(3, 4), 16, ByteArray(32))
      reads.begin(torn)
      gate.await()
      val others = ImagePart(intArrayOf(5, 6), 16, ByteArray(32))
      reads.finish(others)
      others.pixels().asList() shouldContainExactly dataset.bytes(5, 6)
      shouldThrow<WrongResultException> { reads.finish(torn) }.message shouldBe
        "it called System.exit, which ends the host"
      reads.close()
      gate.open()
      dataset.reads.map { it.index } shouldContainExactly listOf(3, 5, 6)
    }
  })

private fun interrupt() = Thread.currentThread().interrupt()
