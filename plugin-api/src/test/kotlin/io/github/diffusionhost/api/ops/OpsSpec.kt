package io.github.diffusionhost.api.ops

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.noise.Noise
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.pow
import kotlin.math.sin
import kotlin.math.sqrt

/** An array with its values at hand: row-major, as every index formula below assumes. */
private class Sample(manager: NDManager, seed: Long, vararg val shape: Long) {
  val values: DoubleArray
  val array: NDArray

  init {
    val random = Random(seed)
    val floats = FloatArray(shape.reduce(Long::times).toInt()) { random.nextGaussian().toFloat() }
    values = DoubleArray(floats.size) { floats[it].toDouble() }
    array = manager.create(floats, Shape(*shape))
  }
}

private infix fun NDArray.shouldBeClose(expected: DoubleArray) {
  val found = toFloatArray()
  found.size shouldBe expected.size
  for (i in found.indices) {
    withClue("element $i of $shape") {
      (abs(found[i] - expected[i]) <= 1e-5 * maxOf(1.0, abs(expected[i]))) shouldBe true
    }
  }
}

/** The error function by its power series, for small arguments. */
private fun erf(x: Double): Double {
  var term = x
  var sum = x
  for (n in 1..80) {
    term *= -x * x / n
    sum += term / (2 * n + 1)
  }
  return 2 / sqrt(Math.PI) * sum
}

class OpsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    test("silu is x sigmoid(x)") {
      val x = Sample(manager, 1, 3, 5)
      Ops.silu(x.array) shouldBeClose DoubleArray(15) { x.values[it] / (1 + exp(-x.values[it])) }
    }

    test("gelu is exact, with the error function") {
      val x = Sample(manager, 2, 40)
      Ops.gelu(x.array) shouldBeClose DoubleArray(40) { x.values[it] * 0.5 * (1 + erf(x.values[it] / sqrt(2.0))) }
    }

    test("layer norm has mean 0 and variance 1 in every row") {
      val x = Sample(manager, 3, 2, 3, 7)
      val expected = DoubleArray(42)
      for (row in 0 until 6) {
        val mean = (0 until 7).sumOf { x.values[row * 7 + it] } / 7
        val variance = (0 until 7).sumOf { (x.values[row * 7 + it] - mean).pow(2) } / 7
        for (i in 0 until 7) expected[row * 7 + i] = (x.values[row * 7 + i] - mean) / sqrt(variance + 1e-6)
      }
      Ops.layerNorm(x.array, 1e-6f) shouldBeClose expected
    }

    test("rms norm divides by the root of the mean square, then weighs") {
      val x = Sample(manager, 4, 4, 6)
      val weight = Sample(manager, 5, 6)
      val plain =
        DoubleArray(24) {
          val row = it / 6 * 6
          x.values[it] / sqrt((0 until 6).sumOf { i -> x.values[row + i].pow(2) } / 6 + 1e-3)
        }
      Ops.rmsNorm(x.array, null, 1e-3f) shouldBeClose plain
      Ops.rmsNorm(x.array, weight.array, 1e-3f) shouldBeClose DoubleArray(24) { plain[it] * weight.values[it % 6] }
    }

    test("group norm is over the channels and pixels of a group") {
      val x = Sample(manager, 6, 2, 6, 3, 4)
      val weight = Sample(manager, 7, 6)
      val bias = Sample(manager, 8, 6)
      val size = 2 * 12 // channels of a group, pixels
      val plain =
        DoubleArray(144) {
          val start = it / size * size
          val mean = (0 until size).sumOf { i -> x.values[start + i] } / size
          val variance = (0 until size).sumOf { i -> (x.values[start + i] - mean).pow(2) } / size
          (x.values[it] - mean) / sqrt(variance + 1e-5)
        }
      Ops.groupNorm(x.array, 3, null, null, 1e-5f) shouldBeClose plain
      Ops.groupNorm(x.array, 3, weight.array, bias.array, 1e-5f) shouldBeClose
        DoubleArray(144) { plain[it] * weight.values[it / 12 % 6] + bias.values[it / 12 % 6] }
    }

    test("channels that make no groups are refused") {
      shouldThrow<IllegalArgumentException> { Ops.groupNorm(manager.zeros(Shape(1, 6, 2, 2)), 4, null, null, 1e-5f) }
        .message shouldContain "6 channels do not make 4 groups"
    }

    for ((heads, kvHeads) in listOf(1 to 1, 4 to 4, 4 to 1, 6 to 2)) {
      test("attention of $heads query heads to $kvHeads key heads is softmax(q k / sqrt d) v") {
        val (n, t, s, d, e) = listOf(2, 3, 5, 4, 7)
        val q = Sample(manager, 9, n.toLong(), heads.toLong(), t.toLong(), d.toLong())
        val k = Sample(manager, 10, n.toLong(), kvHeads.toLong(), s.toLong(), d.toLong())
        val v = Sample(manager, 11, n.toLong(), kvHeads.toLong(), s.toLong(), e.toLong())
        val expected =
          DoubleArray(n * heads * t * e) {
            val column = it % e
            val query = it / e // (image, head, token)
            val image = query / t / heads
            val shared = image * kvHeads + query / t % heads / (heads / kvHeads)
            val scores =
              DoubleArray(s) { j ->
                exp(
                  (0 until d).sumOf { i -> q.values[query * d + i] * k.values[(shared * s + j) * d + i] } /
                    sqrt(d.toDouble())
                )
              }
            (0 until s).sumOf { j -> scores[j] / scores.sum() * v.values[(shared * s + j) * e + column] }
          }
        Ops.scaledDotProductAttention(q.array, k.array, v.array) shouldBeClose expected
        // The same from heads that lie beside each other, as a linear layer leaves them.
        fun beside(x: NDArray) = x.swapAxes(1, 2).duplicate().swapAxes(1, 2)
        Ops.scaledDotProductAttention(beside(q.array), beside(k.array), beside(v.array)) shouldBeClose expected
      }
    }

    test("query heads that cannot share key heads evenly are refused") {
      shouldThrow<IllegalArgumentException> {
          Ops.scaledDotProductAttention(
            manager.zeros(Shape(1, 4, 2, 2)),
            manager.zeros(Shape(1, 3, 2, 2)),
            manager.zeros(Shape(1, 3, 2, 2)),
          )
        }
        .message shouldContain "4 query heads do not share 3 key heads evenly"
    }

    test("rotation turns each interleaved pair by its token's angle") {
      val x = Sample(manager, 12, 2, 3, 4, 8)
      val positions =
        arrayOf(doubleArrayOf(0.0, 0.0), doubleArrayOf(1.0, 2.0), doubleArrayOf(3.0, 1.0), doubleArrayOf(-2.0, 5.0))
      val table = RotaryTable(positions, 8, 100.0)
      val expected =
        DoubleArray(x.values.size) {
          val token = it / 8 % 4
          val pair = it % 8 / 2 // two pairs for each axis
          val angle = positions[token][pair / 2] * 100.0.pow(-2.0 * (pair % 2) / 4)
          val (a, b) = it - it % 2 to it - it % 2 + 1
          if (it % 2 == 0) x.values[a] * cos(angle) - x.values[b] * sin(angle)
          else x.values[b] * cos(angle) + x.values[a] * sin(angle)
        }
      Ops.rotate(x.array, table.cos(manager), table.signedSin(manager)) shouldBeClose expected
    }

    test("a head that axes cannot share is refused") {
      shouldThrow<IllegalArgumentException> { RotaryTable(arrayOf(doubleArrayOf(0.0, 0.0)), 6, 100.0) }
        .message shouldContain "a head of 6 cannot be shared by 2 rotary axes"
    }

    test("a sinusoidal embedding has either half first, and either frequency") {
      val values = doubleArrayOf(-3.0, 0.0, 7.5)
      val array = manager.create(floatArrayOf(-3f, 0f, 7.5f))
      fun expected(sinFirst: Boolean, shift: Double) =
        DoubleArray(24) {
          val angle = values[it / 8] * 10_000.0.pow(-(it % 4) / (4 - shift))
          if ((it % 8 < 4) == sinFirst) sin(angle) else cos(angle)
        }
      Ops.sinusoidalEmbedding(array, 8, true, 1.0, 10_000.0) shouldBeClose expected(true, 1.0)
      Ops.sinusoidalEmbedding(array, 8, false, 0.0, 10_000.0) shouldBeClose expected(false, 0.0)
      val whole = manager.create(longArrayOf(2, 5))
      Ops.sinusoidalEmbedding(whole, 4, true, 0.0, 10_000.0) shouldBeClose
        doubleArrayOf(sin(2.0), sin(0.02), cos(2.0), cos(0.02), sin(5.0), sin(0.05), cos(5.0), cos(0.05))
    }

    test("upsampling repeats pixels") {
      val x = Sample(manager, 13, 2, 3, 2, 5)
      for (factor in 1..3) {
        val (height, width) = 2 * factor to 5 * factor
        val expected =
          DoubleArray(6 * height * width) {
            val row = it / width % height / factor
            x.values[(it / width / height * 2 + row) * 5 + it % width / factor]
          }
        Ops.upsampleNearest(x.array, factor) shouldBeClose expected
      }
    }

    test("dropout keeps what is drawn below one minus the rate and scales it") {
      val draws = manager.create(floatArrayOf(0f, 0.9f, 0.75f, 0.74f))
      val noise =
        object : Noise {
          override fun normal(shape: Shape) = error("no normal draws are needed")

          override fun uniform(shape: Shape): NDArray = draws.also { it.shape shouldBe shape }
        }
      val x = manager.create(floatArrayOf(1f, 2f, 3f, -4f))
      Ops.dropout(x, 0.25, noise) shouldBeClose doubleArrayOf(4.0 / 3, 0.0, 0.0, -16.0 / 3)
      Ops.dropout(x, 0.0, noise) shouldBe x
    }

    test("arguments are left alone") {
      val x = Sample(manager, 14, 2, 4, 4, 4)
      val before = x.array.duplicate()
      val table = RotaryTable(Array(4) { doubleArrayOf(it.toDouble()) }, 4, 100.0)
      Ops.silu(x.array)
      Ops.gelu(x.array)
      Ops.layerNorm(x.array, 1e-6f)
      Ops.rmsNorm(x.array, null, 1e-6f)
      Ops.groupNorm(x.array, 2, null, null, 1e-6f)
      Ops.scaledDotProductAttention(x.array, x.array, x.array)
      Ops.rotate(x.array, table.cos(manager), table.signedSin(manager))
      Ops.upsampleNearest(x.array, 2)
      x.array shouldBe before
    }
  })
