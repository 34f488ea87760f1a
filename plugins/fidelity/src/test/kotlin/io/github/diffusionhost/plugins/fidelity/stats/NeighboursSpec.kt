package io.github.diffusionhost.plugins.fidelity.stats

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

private fun squared(a: FloatArray, b: FloatArray) = a.indices.sumOf { (a[it].toDouble() - b[it]).pow(2) }

private fun kernel(a: FloatArray, b: FloatArray) = (a.indices.sumOf { a[it].toDouble() * b[it] } / a.size + 1).pow(3)

/** Measures by neighbours and by a kernel against loops over all pairs. */
class NeighboursSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun array(rows: List<FloatArray>): NDArray =
      manager.create(rows.flatMap { it.toList() }.toFloatArray(), Shape(rows.size.toLong(), rows[0].size.toLong()))

    fun normal(count: Int, dimension: Int, seed: Long, offset: Double = 0.0): List<FloatArray> {
      val random = Random(seed)
      return List(count) { FloatArray(dimension) { (offset + random.nextGaussian()).toFloat() } }
    }

    fun radii(rows: List<FloatArray>, k: Int) = rows.map { row ->
      rows.filter { it !== row }.map { squared(it, row) }.sorted()[k - 1]
    }

    // The last has fewer members than dimensions.
    for ((k, seed, dimension) in listOf(Triple(1, 1L, 6), Triple(3, 2L, 6), Triple(5, 3L, 6), Triple(4, 4L, 200))) {
      test("precision, recall, density and coverage are those of loops over all pairs, k = $k, $dimension dimensions") {
        val real = normal(90, dimension, seed)
        val fake = normal(70, dimension, seed + 10, 0.4 / dimension)
        val found = Manifolds(array(real), array(fake), k)
        val realRadii = radii(real, k)
        val fakeRadii = radii(fake, k)
        val within = { x: FloatArray, centres: List<FloatArray>, limits: List<Double> ->
          centres.indices.count { squared(x, centres[it]) <= limits[it] }
        }
        found.precision() shouldBe fake.count { within(it, real, realRadii) > 0 } / 70.0
        found.recall() shouldBe real.count { within(it, fake, fakeRadii) > 0 } / 90.0
        found.density() shouldBe (fake.sumOf { within(it, real, realRadii) } / 70.0 / k plusOrMinus 1e-12)
        val covered = real.indices.count { i -> fake.any { squared(it, real[i]) <= realRadii[i] } }
        found.coverage() shouldBe covered / 90.0
      }
    }

    test("a set lies within itself, and a far one in none of it") {
      val set = normal(50, 4, 4)
      val same = Manifolds(array(set), array(set.shuffled(kotlin.random.Random(1))), 3)
      same.precision() shouldBe 1.0
      same.recall() shouldBe 1.0
      same.coverage() shouldBe 1.0
      val far = Manifolds(array(set), array(normal(50, 4, 5, 100.0)), 3)
      far.precision() shouldBe 0.0
      far.recall() shouldBe 0.0
      far.density() shouldBe 0.0
      far.coverage() shouldBe 0.0
    }

    test("one image again and again: true, and not various") {
      val real = normal(60, 4, 6)
      val stuck = Manifolds(array(real), array(List(40) { real[0] }), 3)
      stuck.precision() shouldBe 1.0
      // All of its balls are points.
      stuck.recall() shouldBe 1 / 60.0
    }

    test("duplicates have a radius of exactly zero, far from zero too") {
      val rows = normal(30, 64, 7, 1000.0)
      Distances.neighbourRadii(array(rows + rows), 1).forEach { it shouldBe 0.0 }
    }

    test("tables larger than a block are gone through in parts") {
      val x = normal(2100, 2, 8)
      val y = normal(2050, 2, 9)
      val nearest =
        NearestRows(array(x)).apply {
          add(array(y.take(1000)), 0)
          add(array(y.drop(1000)), 1000)
        }
      for (i in x.indices step 100) {
        val expected = y.indices.minBy { squared(x[i], y[it]) }
        nearest.nearest(i) shouldBe expected
        nearest.distances()[i] shouldBe (sqrt(squared(x[i], y[expected])) plusOrMinus 1e-9)
      }
    }

    test("fewer images than neighbours are refused") {
      shouldThrow<IllegalStateException> { Distances.neighbourRadii(array(normal(3, 2, 1)), 3) }.message!! shouldContain
        "needs more than 3 images, and there are 3"
    }

    val some = normal(30, 5, 1)
    for ((words, sets) in
      mapOf(
        "sets of different sizes" to (some to normal(40, 5, 2, 0.3)),
        "a set and itself in another order" to (some to some.reversed()),
        "sets with duplicates" to (some + some to normal(20, 5, 3) + some),
        "fewer members than dimensions" to (normal(9, 60, 4) to normal(12, 60, 5, 0.1)),
        "members on a line" to
          (some.map { FloatArray(4) { i -> it[0] * i } } to some.map { FloatArray(4) { i -> it[1] * i } }),
      )) {
      test("the kernel distance is that of loops over all pairs: $words") {
        val (x, y) = sets
        val within = { a: List<FloatArray> ->
          a.indices.sumOf { i -> a.indices.filter { it != i }.sumOf { kernel(a[i], a[it]) } } / a.size / (a.size - 1)
        }
        val between = x.sumOf { a -> y.sumOf { kernel(a, it) } } / x.size / y.size
        KernelDistance.unbiased(array(x), array(y)) shouldBe (within(x) + within(y) - 2 * between plusOrMinus 1e-9)
      }
    }

    test("the kernel distance of two points, each again and again, is that of their kernels") {
      val a = floatArrayOf(1f, 2f)
      val b = floatArrayOf(-1f, 0.5f)
      // x·y/2 + 1 is 3.5, 1.625 and 1.
      KernelDistance.unbiased(array(List(7) { a }), array(List(4) { b })) shouldBe
        (3.5.pow(3) + 1.625.pow(3) - 2 plusOrMinus 1e-12)
    }

    test("the kernel distance of halves of a set is about zero, and negative about as often as not") {
      val estimates =
        (1L..30L).map { seed -> KernelDistance.unbiased(array(normal(40, 5, seed)), array(normal(40, 5, seed + 100))) }
      abs(estimates.average()) shouldBeLessThan 0.05
      estimates.count { it < 0 } shouldBeInRange 6..24
    }

    test("subsets are drawn from the seed, without replacement, in any order of the images alike in law") {
      val x = array(normal(60, 5, 1))
      val y = array(normal(60, 5, 2, 0.3))
      KernelDistance.bySubsets(x, y, 5, 20, 1) shouldBe KernelDistance.bySubsets(x, y, 5, 20, 1)
      (KernelDistance.bySubsets(x, y, 5, 20, 1) == KernelDistance.bySubsets(x, y, 5, 20, 2)) shouldBe false
      // A subset of all of them is all of them.
      val all = KernelDistance.bySubsets(x, y, 3, 60, 1)
      all.mean() shouldBe (KernelDistance.unbiased(x, y) plusOrMinus 1e-12)
      all.deviation() shouldBe (0.0 plusOrMinus 1e-12)
      Subset.of(10, 4, Random(1)).toSet().size shouldBe 4
    }
  })
