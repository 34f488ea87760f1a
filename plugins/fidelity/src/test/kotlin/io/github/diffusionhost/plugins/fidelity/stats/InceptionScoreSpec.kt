package io.github.diffusionhost.plugins.fidelity.stats

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.pow
import kotlin.math.sqrt

/** exp of entropies: H(mean of p) less the mean of H(p), a form of the score of its own. */
private fun score(rows: List<FloatArray>): Double {
  fun entropy(p: List<Double>) = p.filter { it > 0 }.sumOf { -it * ln(it) }
  val mean = List(rows[0].size) { k -> rows.sumOf { it[k].toDouble() } / rows.size }
  return exp(entropy(mean) - rows.sumOf { row -> entropy(row.map { it.toDouble() }) } / rows.size)
}

/** The Inception Score against entropies and known cases. */
class InceptionScoreSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun array(rows: List<FloatArray>): NDArray =
      manager.create(rows.flatMap { it.toList() }.toFloatArray(), Shape(rows.size.toLong(), rows[0].size.toLong()))

    // Some classes have no probability at all.
    fun random(count: Int, classes: Int, seed: Long): List<FloatArray> {
      val random = Random(seed)
      return List(count) {
        val weights = DoubleArray(classes) { if (random.nextInt(3) == 0) 0.0 else exp(2 * random.nextGaussian()) }
        weights[random.nextInt(classes)] += 0.1
        FloatArray(classes) { (weights[it] / weights.sum()).toFloat() }
      }
    }

    test("it is exp of the entropy of the mean less the mean entropy, part by part") {
      for ((count, classes) in listOf(60 to 7, 21 to 50)) {
        val rows = random(count, classes, 1)
        InceptionScore.of(array(rows), 1).mean() shouldBe (score(rows) plusOrMinus 1e-6)
        val parts = List(4) { score(rows.subList(it * count / 4, (it + 1) * count / 4)) }
        val found = InceptionScore.of(array(rows), 4)
        found.mean() shouldBe (parts.average() plusOrMinus 1e-6)
        found.deviation() shouldBe (sqrt(parts.sumOf { (it - parts.average()).pow(2) } / 4) plusOrMinus 1e-6)
      }
    }

    test("neither the order within a part nor duplicates of all images matter, nor which class is which") {
      val rows = random(40, 6, 2)
      val expected = InceptionScore.of(array(rows), 1).mean()
      for (other in listOf(rows.reversed(), rows + rows, rows.map { it.reversedArray() })) {
        InceptionScore.of(array(other), 1).mean() shouldBe (expected plusOrMinus 1e-9)
      }
    }

    test("it is 1 if all images look alike, and the number of classes if each is sure and all occur") {
      val alike = array(List(20) { floatArrayOf(0.2f, 0.3f, 0.5f) })
      InceptionScore.of(alike, 1).mean() shouldBe (1.0 plusOrMinus 1e-9)
      val sure = array(List(40) { i -> FloatArray(4) { if (it == i % 4) 1f else 0f } })
      InceptionScore.of(sure, 10).mean() shouldBe (4.0 plusOrMinus 1e-9)
      InceptionScore.of(sure, 10).deviation() shouldBe (0.0 plusOrMinus 1e-9)
    }

    test("fewer images than parts are refused") {
      shouldThrow<IllegalStateException> { InceptionScore.of(array(random(5, 3, 1)), 10) }.message!! shouldContain
        "5 images cannot be split into 10 parts"
    }
  })
