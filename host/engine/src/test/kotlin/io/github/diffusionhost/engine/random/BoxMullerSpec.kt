package io.github.diffusionhost.engine.random

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.SplittableRandom
import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.ln
import kotlin.math.ln1p
import kotlin.math.sin
import kotlin.math.sqrt

/** Normal numbers of two words, against the platform's own logarithm, cosine and sine. */
class BoxMullerSpec :
  FunSpec({
    fun normal(pairs: List<Pair<Long, Long>>): List<Pair<Float, Float>> {
      val numbers = LongArray(pairs.size) { pairs[it].second shl 32 or pairs[it].first }
      BoxMuller.normal(numbers, numbers.size)
      return numbers.map { Float.fromBits(it.toInt()) to Float.fromBits((it ushr 32).toInt()) }
    }

    /** No further than the nearest float is, and 10⁻⁹. */
    fun close(own: Float, right: Double) {
      abs(own - right) shouldBeLessThan Math.ulp(own) / 2.0 + 1e-9
    }

    fun compare(pairs: List<Pair<Long, Long>>) {
      normal(pairs).zip(pairs) { (first, second), (u, v) ->
        withClue("$u, $v") {
          // 1 - u is exact where u is near to 1.
          val log = if (u < 1L shl 31) ln((u + 0.5) / WORDS) else ln1p(-(WORDS - u - 0.5) / WORDS)
          val radius = sqrt(-2 * log)
          close(first, radius * cos(2 * PI * v / WORDS))
          close(second, radius * sin(2 * PI * v / WORDS))
        }
      }
    }

    test("they are those of the formula, whatever the words") {
      val random = SplittableRandom(5)
      compare(
        List(200_000) { (random.nextInt().toLong() and 0xffffffff) to (random.nextInt().toLong() and 0xffffffff) }
      )
    }

    test("they are those of the formula for the smallest and the largest words, and around powers of 2") {
      val edges = (0..32).flatMap { k -> (-2L..2L).map { (1L shl k) + it } }.filter { it in 0..0xffffffff }
      compare(edges.flatMap { u -> edges.map { v -> u to v } })
    }

    test("they are those of the formula around the points that are looked up") {
      val logs = (0..31).flatMap { e -> (0L..127).map { ((128 + it) shl 32) shr (39 - e) } }
      val turns = (0L..255).flatMap { k -> listOf(k shl 24, (k shl 24) + 0x7fffff, (k shl 24) + 0xffffff) }
      compare(logs.flatMap { u -> listOf(u to 7L, (u - 1).coerceAtLeast(0) to (1L shl 31)) })
      compare(turns.map { 1_000_000L to it })
    }

    test("the largest is the square root of 66 times the logarithm of 2") {
      val (first, second) = normal(listOf(0L to 0L)).single()
      first shouldBe sqrt(66 * ln(2.0)).toFloat()
      close(second, 0.0)
    }
  })

private const val WORDS = 4_294_967_296.0
