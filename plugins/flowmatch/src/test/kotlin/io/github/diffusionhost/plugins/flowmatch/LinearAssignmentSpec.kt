package io.github.diffusionhost.plugins.flowmatch

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random

/** The smallest sum of costs, by trying every permutation. */
private fun smallest(cost: Array<DoubleArray>, row: Int = 0, used: Set<Int> = emptySet()): Double =
  if (row == cost.size) 0.0
  else cost.indices.filter { it !in used }.minOf { cost[row][it] + smallest(cost, row + 1, used + it) }

class LinearAssignmentSpec :
  FunSpec({
    test("no permutation costs less") {
      val random = Random(7)
      repeat(200) {
        val n = 1 + random.nextInt(6)
        val cost = Array(n) { DoubleArray(n) { random.nextInt(20) - 10.0 } }
        val columns = LinearAssignment.solve(cost)
        columns.toList() shouldContainExactlyInAnyOrder (0 until n).toList()
        columns.withIndex().sumOf { (row, column) -> cost[row][column] } shouldBe (smallest(cost) plusOrMinus 1e-9)
      }
    }

    test("a whole batch is assigned, and no swap of two rows costs less") {
      val random = Random(1)
      val cost = Array(256) { DoubleArray(256) { random.nextGaussian() } }
      val columns = LinearAssignment.solve(cost)
      columns.toSet() shouldBe (0 until 256).toSet()
      for (a in 0 until 256) for (b in 0 until a) {
        val now = cost[a][columns[a]] + cost[b][columns[b]]
        (cost[a][columns[b]] + cost[b][columns[a]] >= now - 1e-9) shouldBe true
      }
    }

    test("a matrix that is not square or not finite is refused") {
      shouldThrow<IllegalArgumentException> { LinearAssignment.solve(arrayOf(doubleArrayOf(1.0, 2.0))) }
      shouldThrow<IllegalArgumentException> { LinearAssignment.solve(arrayOf(doubleArrayOf(Double.NaN))) }
    }
  })
