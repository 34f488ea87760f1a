package io.github.diffusionhost.plugins.linearprobe

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.longs.shouldBeExactly
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.pow
import kotlin.math.sqrt
import kotlin.random.Random

private const val FEATURES = 3
private const val CLASSES = 4

/** Mean cross-entropy in float64 of weights [CLASSES, FEATURES] followed by biases [CLASSES]. */
private fun crossEntropy(parameters: DoubleArray, x: List<FloatArray>, labels: List<Int>): Double =
  x.indices.sumOf { i ->
    val logits =
      List(CLASSES) { k ->
        parameters[CLASSES * FEATURES + k] + (0 until FEATURES).sumOf { parameters[k * FEATURES + it] * x[i][it] }
      }
    ln(logits.sumOf { exp(it) }) - logits[labels[i]]
  } / x.size

/** Adam as its paper has it, on gradients by central differences. */
private class AdamByDifferences(val parameters: DoubleArray, private val rate: Double) {
  private val m = DoubleArray(parameters.size)
  private val v = DoubleArray(parameters.size)
  private var t = 0

  fun step(loss: (DoubleArray) -> Double) {
    t++
    val gradient =
      DoubleArray(parameters.size) { i ->
        val up = parameters.copyOf().also { it[i] += H }
        val down = parameters.copyOf().also { it[i] -= H }
        (loss(up) - loss(down)) / (2 * H)
      }
    for (i in parameters.indices) {
      m[i] = 0.9 * m[i] + 0.1 * gradient[i]
      v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i]
      parameters[i] -= rate * (m[i] / (1 - 0.9.pow(t))) / (sqrt(v[i] / (1 - 0.999.pow(t))) + 1e-8)
    }
  }

  private companion object {
    const val H = 1e-5
  }
}

class LinearClassifierSpec :
  FunSpec({
    test("weights and biases start as those of a linear layer of PyTorch: uniform, up to 1/sqrt(features)") {
      NDManager.newBaseManager().use { manager ->
        val classifier = LinearClassifier(manager, 64, 100, SeededNoise(manager, 5))
        for (array in listOf(classifier.weight(), classifier.bias())) {
          val values = array.toFloatArray()
          val largest = values.maxOf { abs(it) }
          (largest <= 0.125f && largest > 0.12f) shouldBe true
        }
        val weights = classifier.weight().toFloatArray()
        weights.map { it.toDouble() }.average() shouldBe (0.0 plusOrMinus 0.005)
        // The variance of U(-b, b) is b²/3.
        weights.map { it.toDouble() * it }.average() shouldBe (0.125 * 0.125 / 3 plusOrMinus 2e-4)
        classifier.weight().shape shouldBe Shape(100, 64)
      }
    }

    test("steps are Adam's on the gradient of the mean cross-entropy") {
      NDManager.newBaseManager().use { manager ->
        val classifier = LinearClassifier(manager, FEATURES.toLong(), CLASSES, SeededNoise(manager, 5))
        fun found() = (classifier.weight().toFloatArray() + classifier.bias().toFloatArray())
        val adam = AdamByDifferences(found().map { it.toDouble() }.toDoubleArray(), 0.02)
        val random = Random(3)
        for (size in listOf(6, 6, 2, 6, 1)) {
          val x = List(size) { FloatArray(FEATURES) { random.nextFloat() * 4 - 2 } }
          val labels = List(size) { random.nextInt(CLASSES) }
          adam.step { crossEntropy(it, x, labels) }
          classifier.train(
            manager.create(x.flatMap { it.toList() }.toFloatArray(), Shape(size.toLong(), FEATURES.toLong())),
            manager.create(LongArray(size) { labels[it].toLong() }),
            0.02,
          )
          found().zip(adam.parameters.toList()).forEach { (a, b) -> a shouldBe (b.toFloat() plusOrMinus 1e-5f) }
        }
      }
    }

    test("an image is told by its largest logit") {
      NDManager.newBaseManager().use { manager ->
        val classifier = LinearClassifier(manager, 2, 2, SeededNoise(manager, 5))
        val x = manager.create(floatArrayOf(5f, -5f, -5f, 5f, 4f, -6f, -6f, 4f), Shape(4, 2))
        val labels = manager.create(longArrayOf(0, 1, 0, 1))
        repeat(300) { classifier.train(x, labels, 0.1) }
        classifier.correct(x, labels) shouldBeExactly 4
        classifier.correct(x, manager.create(longArrayOf(1, 1, 0, 0))) shouldBeExactly 2
      }
    }

    test("the learning rate falls to 0 along a cosine") {
      val at = { epoch: Int -> CosineRate.at(epoch, 12, 1e-3) }
      at(0) shouldBe (1e-3 plusOrMinus 1e-12)
      at(4) shouldBe (0.75e-3 plusOrMinus 1e-12)
      at(6) shouldBe (0.5e-3 plusOrMinus 1e-12)
      at(8) shouldBe (0.25e-3 plusOrMinus 1e-12)
      at(12) shouldBe (0.0 plusOrMinus 1e-12)
    }
  })
