package io.github.diffusionhost.engine.posthoc

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.pow
import kotlin.math.sqrt

class PosthocEmaSpec :
  FunSpec({
    test("coefficients, inner products and right-hand sides are NVlabs'") {
      for (row in phema.rows("solve_posthoc_coefficients")) {
        val snapshots = row.numbers("in_ofs").zip(row.numbers("in_std"), ::PowerAverage)
        val gram = PosthocEma.gram(snapshots)
        row.matrix("gram").forEachIndexed { i, values ->
          values.forEachIndexed { j, value -> gram[i][j] shouldBe near(value) }
        }
        row.numbers("out_ofs").zip(row.numbers("out_std"), ::PowerAverage).forEachIndexed { k, wanted ->
          val target = PosthocEma.target(snapshots, wanted)
          val found = PosthocEma.of(snapshots, wanted).coefficients
          row.matrix("rhs").forEachIndexed { i, values -> target[i] shouldBe near(values[k]) }
          row.matrix("coefficients").forEachIndexed { i, values ->
            found[i] shouldBe (values[k] plusOrMinus 1e-9)
          }
        }
      }
    }

    test("a tracked average is itself") {
      val snapshots = snapshots(4)
      val found = PosthocEma.of(snapshots, PowerAverage(4.0, 0.1))
      found.coefficients.forEachIndexed { i, coefficient ->
        coefficient shouldBe ((if (i == snapshots.lastIndex) 1.0 else 0.0) plusOrMinus 1e-12)
      }
      // The square root of rounding errors.
      found.distance shouldBe (0.0 plusOrMinus 1e-7)
      found.amplification() shouldBe (1.0 plusOrMinus 1e-11)
    }

    test("the distance is that of the densities, integrated numerically") {
      val snapshots = snapshots(5)
      for (width in listOf(0.03, 0.075, 0.2)) {
        val wanted = PowerAverage(5.0, width)
        val found = PosthocEma.of(snapshots, wanted)
        val points = 200_000
        var squared = 0.0
        var whole = 0.0
        var sum = 0.0
        for (i in 0 until points) {
          val t = 5.0 * (i + 0.5) / points
          val fitted = snapshots.indices.sumOf { found.coefficients[it] * snapshots[it].density(t) }
          squared += (fitted - wanted.density(t)).pow(2)
          whole += wanted.density(t).pow(2)
          sum += fitted * 5.0 / points
        }
        withClue("width $width") {
          sum shouldBe (1.0 plusOrMinus 1e-6)
          found.distance shouldBe (sqrt(squared / whole) plusOrMinus 1e-5)
        }
      }
    }

    test("more snapshots come nearer") {
      val distances =
        listOf(1, 2, 4, 8, 16, 32).map { PosthocEma.of(snapshots(it), PowerAverage(it.toDouble(), 0.075)) }
      distances.zipWithNext { few, many -> many.distance shouldBeLessThan few.distance }
    }

    test("hundreds of snapshots are solved, and add up to the average they are made for") {
      val found = PosthocEma.of(snapshots(256), PowerAverage(256.0, 0.06))
      found.coefficients.sum() shouldBe (1.0 plusOrMinus 1e-9)
      found.distance shouldBeLessThan 1e-3
    }

    test("the same snapshot twice, and none at all, are refused") {
      val one = PowerAverage(1.0, 0.1)
      shouldThrow<IllegalArgumentException> { PosthocEma.of(listOf(one, one), PowerAverage(1.0, 0.05)) }
        .message!! shouldContain "2 snapshots are too much alike"
      shouldThrow<IllegalArgumentException> { PosthocEma.of(listOf(), one) }.message!! shouldContain "no snapshots"
      shouldThrow<IllegalArgumentException> { PowerAverage(0.0, 0.1) }.message!! shouldContain "time above 0"
    }
  })

/** Widths 0.05 and 0.1 at times 1, 2, …, n. */
private fun snapshots(n: Int) =
  (1..n).flatMap { listOf(PowerAverage(it.toDouble(), 0.05), PowerAverage(it.toDouble(), 0.1)) }

private fun PowerAverage.density(t: Double): Double {
  val exponent = PowerFunction.ofWidth(width).exponent
  return if (t > time) 0.0 else (exponent + 1) / time * (t / time).pow(exponent)
}
