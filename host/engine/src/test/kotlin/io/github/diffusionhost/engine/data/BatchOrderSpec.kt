package io.github.diffusionhost.engine.data

import io.github.diffusionhost.engine.batch.BatchOrder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

class BatchOrderSpec :
  FunSpec({
    test("an epoch sees every image once") {
      BatchOrder(0, 1000).indices(0, 1000).sorted() shouldBe (0 until 1000).toList()
      BatchOrder(0, 1000).indices(3000, 1000).sorted() shouldBe (0 until 1000).toList()
    }

    test("epochs and seeds have orders of their own") {
      val order = BatchOrder(0, 50)
      order.indices(0, 50).toList() shouldNotBe order.indices(50, 50).toList()
      order.indices(0, 50).toList() shouldNotBe BatchOrder(1, 50).indices(0, 50).toList()
    }

    test("a batch runs on into the next epoch, and asking again gives the same") {
      val order = BatchOrder(9, 10)
      val across = order.indices(7, 6).toList()
      across shouldBe order.indices(0, 10).toList().drop(7) + order.indices(10, 10).toList().take(3)
    }

    test("a shuffle prefers no place") {
      val counts = IntArray(5)
      for (epoch in 0L until 10_000L) counts[BatchOrder(4, 5).indices(epoch * 5, 5)[0]]++
      counts.all { it in 1850..2150 } shouldBe true
    }
  })
