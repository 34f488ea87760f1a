package io.github.diffusionhost.engine.random

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.random.Streams.Purpose
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.pow
import kotlin.math.sqrt

private const val KEY = 0x1234_5678_9abc_def0L
private const val MANY = 10_000_000

/** How probable it is that a standard normal number is larger than 3, 4 and 5, whatever its sign. */
private val BEYOND = mapOf(3 to 2.699796e-3, 4 to 6.334248e-5, 5 to 5.733031e-7)

/** The draws that are functions of their place, made by the JVM and by array code of the device. */
@Tags("Slow")
class CounterDrawsSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager())
    val jvm = JvmCounterDraws(manager, StagingBuffer(), KEY)
    val device = autoClose(DeviceCounterDraws(manager, KEY))
    val places = longArrayOf(0, 1, 5, 1L shl 31, (1L shl 40) + 7)

    for (each in listOf(1, 2, 3, 4, 7, 1024, 2049, 5000)) {
      test("the device's array code draws what the JVM draws, $each of an image") {
        device.uniform(places, 9, each).toFloatArray() shouldBe jvm.uniform(places, 9, each).toFloatArray()
        for (limit in listOf(0, 1, 30_000, 65_535, 65_536)) {
          device.coins(places, 9, each, limit).toUint8Array() shouldBe jvm.coins(places, 9, each, limit).toUint8Array()
        }
        val own = device.normal(places, 9, each).toFloatArray()
        val right = jvm.normal(places, 9, each).toFloatArray()
        own.size shouldBe right.size
        for (i in own.indices) withClue(i) { abs(own[i] - right[i]) shouldBeLessThan 5e-6f }
      }
    }

    test("a uniform number is the upper 24 bits of its word, and a coin a half of it") {
      val pairs = LongArray(4)
      Philox.words(pairs, 0, 2, 9, 5, KEY)
      val words = pairs.flatMap { listOf(it.toInt(), (it ushr 32).toInt()) }
      jvm.uniform(longArrayOf(5), 9, 8).toFloatArray().toList() shouldBe words.map { (it ushr 8) / 16_777_216f }
      val halves = words.flatMap { listOf(it and 0xffff, it ushr 16) }
      jvm.coins(longArrayOf(5), 9, 16, 40_000).toUint8Array().toList().map { it.toInt() } shouldBe
        halves.map { if (it < 40_000) 1 else 0 }
    }

    for ((name, draws) in mapOf("the JVM" to jvm, "the device" to device)) {
      test("ten million normal numbers of $name are normal") {
        var n = 0
        val sums = DoubleArray(5)
        val cells = LongArray(64)
        val beyond = LongArray(7)
        var lagged = 0.0
        for (part in 0 until 10) {
          val x = draws.normal(longArrayOf(part.toLong()), 1, MANY / 10).use { it.toFloatArray() }
          for (i in x.indices) {
            val v = x[i].toDouble()
            for (k in 1..4) sums[k] += v.pow(k)
            cells[(64 * normal(v)).toInt().coerceIn(0, 63)]++
            for (k in 1..abs(v).toInt()) beyond[k]++
            if (i > 0) lagged += v * x[i - 1]
          }
          n += x.size
        }
        val spread = 1 / sqrt(n.toDouble())
        sums[1] / n shouldBe (0.0 plusOrMinus 4.5 * spread)
        sums[2] / n shouldBe (1.0 plusOrMinus 4.5 * spread * sqrt(2.0))
        sums[3] / n shouldBe (0.0 plusOrMinus 4.5 * spread * sqrt(15.0))
        sums[4] / n shouldBe (3.0 plusOrMinus 4.5 * spread * sqrt(96.0))
        lagged / n shouldBe (0.0 plusOrMinus 4.5 * spread)
        chiSquare(cells, n / 64.0) shouldBeLessThan mostOfChiSquare(63)
        for ((k, p) in BEYOND) withClue("beyond $k") {
          beyond[k] / n.toDouble() shouldBe (p plusOrMinus 4.5 * spread * sqrt(p))
        }
      }

      test("ten million uniform numbers of $name fill [0, 1) evenly") {
        val cells = LongArray(256)
        val pairs = LongArray(256)
        for (part in 0 until 10) {
          val x = draws.uniform(longArrayOf(100L + part), 2, MANY / 10).use { it.toFloatArray() }
          for (i in x.indices) {
            cells[(x[i] * 256).toInt()]++
            if (i % 2 == 1) pairs[(x[i - 1] * 16).toInt() * 16 + (x[i] * 16).toInt()]++
          }
        }
        chiSquare(cells, MANY / 256.0) shouldBeLessThan mostOfChiSquare(255)
        chiSquare(pairs, MANY / 512.0) shouldBeLessThan mostOfChiSquare(255)
      }

      test("ten million coins of $name have their probability, and neighbours know nothing of each other") {
        for (limit in listOf(6554, 32_768, 58_982)) {
          val p = limit / 65_536.0
          var ones = 0L
          var both = 0L
          for (part in 0 until 10) {
            val x = draws.coins(longArrayOf(1000L + part), 3, MANY / 10, limit).use { it.toUint8Array() }
            for (i in x.indices) {
              ones += x[i]
              if (i > 0) both += x[i] * x[i - 1]
            }
          }
          val spread = sqrt(p * (1 - p) / MANY)
          ones / MANY.toDouble() shouldBe (p plusOrMinus 4.5 * spread)
          both / MANY.toDouble() shouldBe (p * p plusOrMinus 4.5 * sqrt(p * p * (1 - p * p) / MANY) * 1.5)
        }
      }
    }

    test("images, purposes and draws never share a stream") {
      val seen = mutableMapOf<List<Float>, String>()
      for (purpose in listOf(Purpose.LOSS, Purpose.AUGMENTATION)) {
        val noise = CounterNoise(jvm, purpose, LongArray(4) { 100L + it }, 100)
        for (draw in 0 until 3) {
          val x = noise.uniform(Shape(4, 6)).toFloatArray().toList().chunked(6)
          x.forEachIndexed { i, values -> seen.put(values, "$purpose $draw $i") shouldBe null }
          seen.put(noise.uniform(Shape(6)).toFloatArray().toList(), "$purpose $draw of all") shouldBe null
        }
      }
    }

    test("an image's draws do not depend on the images beside it, nor on how a batch is cut") {
      fun noise(first: Long, count: Int) = CounterNoise(jvm, Purpose.LOSS, LongArray(count) { first + it }, 7)
      val whole = noise(40, 6)
      val part = noise(43, 3)
      for (draw in 0 until 2) {
        whole.normal(Shape(6, 5)).toFloatArray().drop(15) shouldBe part.normal(Shape(3, 5)).toFloatArray().toList()
        whole.bernoulli(Shape(6, 5), 0.3).toUint8Array().drop(15) shouldBe
          part.bernoulli(Shape(3, 5), 0.3).toUint8Array().toList()
        whole.normal(Shape(2)).toFloatArray() shouldBe part.normal(Shape(2)).toFloatArray()
      }
    }

    test("another key is another stream") {
      val other = JvmCounterDraws(manager, StagingBuffer(), KEY + 1)
      other.uniform(places, 9, 4).toFloatArray() shouldNotBe jvm.uniform(places, 9, 4).toFloatArray()
    }

    test("coins are certain at probabilities of 0 and 1") {
      val noise = CounterNoise(jvm, Purpose.LOSS, longArrayOf(1, 2), 0)
      noise.bernoulli(Shape(2, 100), 0.0).toUint8Array().toSet() shouldBe setOf(0)
      noise.bernoulli(Shape(2, 100), 1.0).toUint8Array().toSet() shouldBe setOf(1)
    }
  })

/** The standard normal's distribution function, by the formula of Abramowitz and Stegun 26.2.17. */
private fun normal(x: Double): Double {
  val t = 1 / (1 + 0.2316419 * abs(x))
  val tail =
    exp(-x * x / 2) / sqrt(2 * Math.PI) *
      t *
      (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return if (x >= 0) 1 - tail else tail
}

private fun chiSquare(cells: LongArray, expected: Double) = cells.sumOf { (it - expected).pow(2) / expected }

/** Exceeded by chance about three times in a million: 4.5 standard deviations (Wilson and Hilferty 1931). */
private fun mostOfChiSquare(degrees: Int): Double {
  val a = 2.0 / (9 * degrees)
  return degrees * (1 - a + 4.5 * sqrt(a)).pow(3)
}
