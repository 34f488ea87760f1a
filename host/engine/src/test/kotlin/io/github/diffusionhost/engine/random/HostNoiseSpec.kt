package io.github.diffusionhost.engine.random

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.shouldBeGreaterThanOrEqual
import io.kotest.matchers.floats.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.SplittableRandom
import kotlin.math.abs
import kotlin.math.pow

class HostNoiseSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager())
    val staging = StagingBuffer()

    test("normal draws have the moments of a standard normal") {
      val x = HostNoise.single(manager, staging, 7).normal(Shape(400, 500)).toFloatArray().map { it.toDouble() }
      val n = x.size
      x.average() shouldBe (0.0 plusOrMinus 4 / 447.0)
      x.sumOf { it * it } / n shouldBe (1.0 plusOrMinus 0.015)
      x.sumOf { it.pow(4) } / n shouldBe (3.0 plusOrMinus 0.12)
      x.count { abs(it) > 1.959964 } / n.toDouble() shouldBe (0.05 plusOrMinus 0.002)
    }

    test("uniform draws fill [0, 1) evenly") {
      val x = HostNoise.single(manager, staging, 7).uniform(Shape(100_000)).toFloatArray()
      x.min() shouldBeGreaterThanOrEqual 0f
      x.max() shouldBeLessThan 1f
      for (decile in 0 until 10) {
        x.count { (it * 10).toInt() == decile } / 100_000.0 shouldBe (0.1 plusOrMinus 0.004)
      }
    }

    test("draws of 0 and 1 have their probability, whatever came before") {
      for (probability in listOf(0.0, 0.1, 0.5, 0.9, 1.0)) {
        val x = HostNoise.single(manager, staging, 7).bernoulli(Shape(1001, 199), probability).toUint8Array()
        x.all { it in 0..1 } shouldBe true
        // Five times the spread of a mean of 199,199 such draws.
        x.average() shouldBe (probability plusOrMinus 5 * 0.5 / 446)
        if (probability == 0.5) {
          // Neighbours, which come from one number, know nothing of each other.
          for (lag in 1..4) (lag until x.size).count { x[it] == x[it - lag] } / 199_199.0 shouldBe
            (0.5 plusOrMinus 0.006)
        }
      }
    }

    test("draws follow each other and repeat from the same seed") {
      val noise = HostNoise.single(manager, staging, 3)
      val first = noise.normal(Shape(8)).toFloatArray()
      val second = noise.normal(Shape(8)).toFloatArray()
      first shouldNotBe second
      HostNoise.single(manager, staging, 3).normal(Shape(8)).toFloatArray() shouldBe first
    }

    test("an image's draws do not depend on the images beside it") {
      fun batch(first: Int, count: Int) =
        HostNoise.perImage(manager, staging, 1, count) { Streams.seed(5, Streams.Purpose.LOSS, first + it) }
      val whole = batch(0, 4)
      val part = batch(2, 2)
      whole.uniform(Shape(4)).toFloatArray().drop(2) shouldBe part.uniform(Shape(2)).toFloatArray().toList()
      whole.normal(Shape(4, 3, 2)).toFloatArray().drop(12) shouldBe part.normal(Shape(2, 3, 2)).toFloatArray().toList()
      whole.bernoulli(Shape(4, 3, 2), 0.3).toUint8Array().drop(12) shouldBe
        part.bernoulli(Shape(2, 3, 2), 0.3).toUint8Array().toList()
    }

    test("large draws, which all cores make, are those of one after the other") {
      val images = 5
      val each = 8_195
      val limit = Math.rint(0.3 * 65_536).toInt()
      val noise = HostNoise.perImage(manager, staging, 1, images) { 70 + it }
      val streams = List(images) { SplittableRandom(70L + it) }
      val normal = noise.normal(Shape(images.toLong(), each.toLong())).toFloatArray()
      normal.toList() shouldBe streams.flatMap { random -> List(each) { random.nextGaussian().toFloat() } }
      val coins = noise.bernoulli(Shape(images.toLong(), each.toLong()), 0.3).toUint8Array()
      val right = streams.flatMap { random ->
        List((each + 3) / 4) { random.nextLong() }
          .flatMap { bits -> List(4) { (bits ushr (16 * it)).toInt() and 0xffff } }
          .take(each)
          .map { if (it < limit) 1 else 0 }
      }
      coins.map { it.toInt() } shouldBe right
    }

    for (each in listOf(1, 3, 4, 7, 8, 9, 4_095, 4_099, 8_195)) {
      test("coins are the numbers of 16 bits below a limit, $each of an image") {
        for (probability in listOf(0.0, 1 / 65_536.0, 0.1, 0.5, 0.6, 65_535 / 65_536.0, 1.0)) {
          val limit = Math.rint(probability * 65_536).toInt()
          val coins =
            HostNoise.perImage(manager, staging, 1, 3) { it }
              .bernoulli(Shape(3, each.toLong()), probability)
              .toUint8Array()
          coins.map { it.toInt() } shouldBe
            List(3) { SplittableRandom(it.toLong()) }
              .flatMap { random ->
                List((each + 3) / 4) { random.nextLong() }
                  .flatMap { bits -> List(4) { (bits ushr (16 * it)).toInt() and 0xffff } }
                  .take(each)
                  .map { if (it < limit) 1 else 0 }
              }
        }
      }
    }

    test("uniform numbers are the upper 24 bits of 32") {
      val x = HostNoise.single(manager, staging, 9).uniform(Shape(3_001)).toFloatArray().toList()
      val random = SplittableRandom(9)
      x shouldBe List(3_001) { (random.nextInt() ushr 8) / 16_777_216f }
    }

    test("draws that are not one per image come from a stream of the batch") {
      fun batch(count: Int) = HostNoise.perImage(manager, staging, 1, count) { it }
      batch(4).uniform(Shape(1)).toFloatArray() shouldBe batch(2).uniform(Shape(1)).toFloatArray()
    }

    test("an array keeps its values when the staging memory is used again") {
      val noise = HostNoise.single(manager, staging, 3)
      val kept = noise.normal(Shape(16))
      val before = kept.toFloatArray()
      noise.normal(Shape(16))
      kept.toFloatArray() shouldBe before
    }

    test("streams of different purposes and places differ") {
      val seeds =
        Streams.Purpose.entries.flatMap { purpose -> (0L until 1000L).map { Streams.seed(0, purpose, it) } } +
          (0L until 1000L).map { Streams.seed(1, Streams.Purpose.LOSS, it) }
      seeds.toSet().size shouldBe seeds.size
    }
  })
