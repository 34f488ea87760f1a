package io.github.diffusionhost.app.report

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.random.Random

private fun column(values: List<Double>) = Column().also { column -> values.forEachIndexed { i, v -> column[i] = v } }

class CurveSpec :
  FunSpec({
    test("what has few points is kept whole") {
      val curve = thin(column(List(20) { it * 0.5 }), 10)
      curve.rows.toList() shouldBe List(20) { it }
      curve.means shouldBe List(20) { it * 0.5 }
    }

    test("of any values the first, the last, the least and the greatest stay, in order, and not too many") {
      val random = Random(7)
      repeat(200) {
        val values = List(random.nextInt(1, 400)) { random.nextDouble(-1e6, 1e6) }
        val buckets = random.nextInt(1, 20)
        val curve = thin(column(values), buckets)
        val rows = curve.rows.toList()
        rows shouldBe rows.sorted().distinct()
        rows.size shouldBeLessThanOrEqual 2 * buckets + 2
        rows shouldContainAll listOf(0, values.size - 1)
        curve.values.max() shouldBe values.max()
        curve.values.min() shouldBe values.min()
        curve.values.toList() shouldBe rows.map(values::get)
      }
    }

    test("a single spike in a hundred thousand rows stays") {
      val values = List(100_000) { if (it == 76_543) 1e9 else 1.0 }
      val curve = thin(column(values))
      curve.rows.size shouldBeLessThanOrEqual 2002
      curve.rows.toList() shouldContainAll listOf(76_543)
    }

    test("the means of the buckets are those of all values") {
      val values = List(1000) { (it * it % 97).toDouble() }
      val means = thin(column(values), 10).means.filterNotNull()
      means.size shouldBe 10
      means.forEachIndexed { i, mean ->
        mean shouldBe (values.subList(i * 100, (i + 1) * 100).average() plusOrMinus 1e-12)
      }
    }

    test("rows without a finite value are gaps") {
      val column = column(listOf(1.0, Double.NaN, 3.0, Double.POSITIVE_INFINITY))
      thin(column).rows.toList() shouldBe listOf(0, 2)
      thin(column(listOf(Double.NaN))).rows.toList() shouldBe emptyList()
    }
  })
