package io.github.diffusionhost.plugins.fidelity.stats

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.pow
import kotlin.math.sqrt
import kotlin.time.Duration.Companion.minutes
import kotlin.time.measureTimedValue
import org.ejml.data.DMatrixRMaj
import org.ejml.dense.row.CommonOps_DDRM
import org.ejml.dense.row.NormOps_DDRM
import org.ejml.dense.row.RandomMatrices_DDRM
import org.ejml.dense.row.factory.DecompositionFactory_DDRM

private fun gaussian(mean: DoubleArray, covariance: DMatrixRMaj) =
  Gaussian(1000, DMatrixRMaj.wrap(1, mean.size, mean), covariance)

private fun diagonal(vararg variances: Double) = CommonOps_DDRM.diag(*variances)

/** U·diag·Uᵀ. */
private fun turned(u: DMatrixRMaj, variances: DoubleArray): DMatrixRMaj {
  val half = CommonOps_DDRM.mult(u, diagonal(*variances), null)
  return CommonOps_DDRM.multTransB(half, u, null)
}

/** The distance of Gaussians against formulas of its own. */
@Tags("Slow")
class FrechetDistanceSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun distance(a: Gaussian, b: Gaussian) = FrechetDistance.between(a, b, manager)

    fun moments(rows: List<DoubleArray>, batch: Int): Gaussian =
      Moments(manager).use { moments ->
        for (part in rows.chunked(batch)) {
          moments.add(
            manager.create(
              part.flatMap { it.toList() }.toDoubleArray(),
              Shape(part.size.toLong(), rows[0].size.toLong()),
            )
          )
        }
        moments.gaussian()
      }

    fun normal(count: Int, dimension: Int, seed: Long, offset: Double = 0.0): List<DoubleArray> {
      val random = Random(seed)
      return List(count) { DoubleArray(dimension) { i -> offset + (1 + i % 3) * random.nextGaussian() } }
    }

    test("on a line it is (m1 - m2)² + (s1 - s2)²") {
      val random = Random(1)
      repeat(20) {
        val (m1, m2) = random.nextGaussian() to random.nextGaussian()
        val (s1, s2) = random.nextDouble() * 3 to random.nextDouble() * 3
        val found =
          distance(gaussian(doubleArrayOf(m1), diagonal(s1 * s1)), gaussian(doubleArrayOf(m2), diagonal(s2 * s2)))
        found shouldBe ((m1 - m2) * (m1 - m2) + (s1 - s2) * (s1 - s2) plusOrMinus 1e-12)
      }
    }

    test("covariances with the same axes differ by the squares of the differences of their deviations") {
      for (seed in 1L..10L) {
        val random = Random(seed)
        val u = RandomMatrices_DDRM.orthogonal(12, 12, random)
        val a = DoubleArray(12) { random.nextDouble() * 4 }
        val b = DoubleArray(12) { random.nextDouble() * 4 }
        val expected = a.indices.sumOf { (sqrt(a[it]) - sqrt(b[it])).let { d -> d * d } }
        val zero = DoubleArray(12)
        distance(gaussian(zero, turned(u, a)), gaussian(zero, turned(u, b))) shouldBe (expected plusOrMinus 1e-9)
      }
    }

    test("covariances of any axes: 2x2 by the closed form of the trace of a root") {
      // tr √M = √(tr M + 2 √det M) for a 2x2 matrix with positive eigenvalues.
      for (seed in 1L..20L) {
        val random = Random(seed)
        val (a, b) = List(2) { RandomMatrices_DDRM.symmetricPosDef(2, random) }
        val product = CommonOps_DDRM.mult(a, b, null)
        val root = sqrt(CommonOps_DDRM.trace(product) + 2 * sqrt(CommonOps_DDRM.det(product)))
        val expected = CommonOps_DDRM.trace(a) + CommonOps_DDRM.trace(b) - 2 * root
        val zero = DoubleArray(2)
        distance(gaussian(zero, a), gaussian(zero, b)) shouldBe (expected plusOrMinus 1e-9)
      }
    }

    test("covariances without full rank") {
      for (seed in 1L..10L) {
        val random = Random(seed)
        val u = RandomMatrices_DDRM.orthogonal(10, 10, random)
        val a = DoubleArray(10) { if (it < 4) 1 + random.nextDouble() else 0.0 }
        val b = DoubleArray(10) { if (it in 2..6) 1 + random.nextDouble() else 0.0 }
        val expected = a.indices.sumOf { (sqrt(a[it]) - sqrt(b[it])).let { d -> d * d } }
        val zero = DoubleArray(10)
        distance(gaussian(zero, turned(u, a)), gaussian(zero, turned(u, b))) shouldBe (expected plusOrMinus 1e-6)
      }
    }

    test("a covariance of zeros leaves the means and the other's trace") {
      val found =
        distance(
          gaussian(doubleArrayOf(1.0, 0.0), diagonal(0.0, 0.0)),
          gaussian(doubleArrayOf(0.0, 2.0), diagonal(3.0, 4.0)),
        )
      found shouldBe (12.0 plusOrMinus 1e-12)
    }

    test("a set has no distance to itself, with fewer members than dimensions too") {
      for ((count, dimension) in listOf(200 to 5, 50 to 50, 10 to 40, 2 to 30)) {
        val set = moments(normal(count, dimension, 3), 7)
        distance(set, set) shouldBe (0.0 plusOrMinus 1e-6)
      }
    }

    test("fewer members than dimensions, by the singular values of the members' products") {
      // tr (S1 S2)^½ is the sum of the singular values of X Yᵀ, of centred members, over √((n-1)(m-1)).
      for ((n, m) in listOf(8 to 12, 3 to 40, 50 to 5)) {
        val (x, y) = listOf(normal(n, 30, 11), normal(m, 30, 12, 0.7))
        val (cx, cy) =
          listOf(x, y).map { rows ->
            val mean = DoubleArray(30) { i -> rows.sumOf { it[i] } / rows.size }
            DMatrixRMaj(Array(rows.size) { r -> DoubleArray(30) { rows[r][it] - mean[it] } }) to mean
          }
        val products = CommonOps_DDRM.multTransB(cx.first, cy.first, null)
        val svd = DecompositionFactory_DDRM.svd(n, m, false, false, true).apply { decompose(products) }
        val root = svd.singularValues.sum() / sqrt((n - 1.0) * (m - 1.0))
        val traces = NormOps_DDRM.normF(cx.first).pow(2) / (n - 1) + NormOps_DDRM.normF(cy.first).pow(2) / (m - 1)
        val means = (0 until 30).sumOf { (cx.second[it] - cy.second[it]).pow(2) }
        distance(moments(x, 7), moments(y, 7)) shouldBe (means + traces - 2 * root plusOrMinus 1e-5)
      }
    }

    test("it is symmetric, and duplicates of all members change only the divisor") {
      val a = normal(60, 20, 1)
      val b = normal(30, 20, 2, 0.5)
      val found = distance(moments(a, 16), moments(b, 16))
      found shouldBe (distance(moments(b, 16), moments(a, 16)) plusOrMinus 1e-8)
      // The divisor of 2n members is 2n - 1, twice the scatter: scaled by (n - 1)/(n - 1/2).
      val doubled = moments(a + a, 16)
      val single = moments(a, 16)
      for (i in 0 until 400) {
        doubled.covariance().get(i) shouldBe (single.covariance().get(i) * 59 / 59.5 plusOrMinus 1e-9)
      }
    }

    test("the order of members and the sizes of batches do not matter") {
      val rows = normal(101, 6, 4, 1e6)
      val expected = moments(rows, 101)
      for (batch in listOf(1, 7, 50)) {
        val found = moments(rows.shuffled(kotlin.random.Random(batch)), batch)
        for (i in 0 until 36) found.covariance().get(i) shouldBe (expected.covariance().get(i) plusOrMinus 1e-6)
        for (i in 0 until 6) found.mean().get(i) shouldBe (expected.mean().get(i) plusOrMinus 1e-6)
      }
    }

    test("moments are those of two passes over the values, far from zero too") {
      val rows = normal(77, 4, 5, 1e7)
      val found = moments(rows, 10)
      val mean = DoubleArray(4) { i -> rows.sumOf { it[i] - 1e7 } / 77 }
      for (i in 0..3) {
        for (j in 0..3) {
          val expected = rows.sumOf { (it[i] - 1e7 - mean[i]) * (it[j] - 1e7 - mean[j]) } / 76
          found.covariance().get(i, j) shouldBe (expected plusOrMinus 1e-6)
        }
      }
    }

    test("moments of parts are merged") {
      val rows = normal(50, 5, 6)
      fun part(from: Int, to: Int) =
        Moments(manager).apply {
          add(
            manager.create(rows.subList(from, to).flatMap { it.toList() }.toDoubleArray(), Shape(to - from.toLong(), 5))
          )
        }
      val merged = Moments(manager).apply { listOf(part(0, 20), Moments(manager), part(20, 50)).forEach(::merge) }
      val expected = moments(rows, 50)
      for (i in 0 until 25) merged.gaussian().covariance().get(i) shouldBe
        (expected.covariance().get(i) plusOrMinus 1e-12)
      merged.count() shouldBe 50
    }

    test("one image has no covariance") {
      shouldThrow<IllegalStateException> { moments(normal(1, 3, 7), 1) }.message!! shouldContain
        "a covariance needs at least 2 images, and there are 1"
      shouldThrow<IllegalStateException> { Moments(manager).gaussian() }.message!! shouldContain "there are 0"
    }

    test("features of different sizes have no distance") {
      shouldThrow<IllegalArgumentException> {
          distance(gaussian(DoubleArray(2), diagonal(1.0, 1.0)), gaussian(DoubleArray(1), diagonal(1.0)))
        }
        .message!! shouldContain "features of 2 and of 1 numbers have no distance"
    }

    test("2048 dimensions, as Inception has, take less than two minutes") {
      val random = Random(8)
      val factor = RandomMatrices_DDRM.rectangle(2048, 2048, -1.0, 1.0, random)
      val product = manager.create(factor.data, Shape(2048, 2048)).let { it.matMul(it.transpose()) }
      val covariance = DMatrixRMaj.wrap(2048, 2048, product.toDoubleArray())
      val full = gaussian(DoubleArray(2048), covariance)
      val scaled = gaussian(DoubleArray(2048), covariance.copy().also { CommonOps_DDRM.scale(4.0, it) })
      val (found, time) = measureTimedValue { distance(full, scaled) }
      println("Fréchet distance in 2048 dimensions: $time")
      // The deviations are twice as large along every axis.
      found shouldBe (CommonOps_DDRM.trace(covariance) plusOrMinus 1e-3)
      time shouldBeLessThan 2.minutes
    }
  })
