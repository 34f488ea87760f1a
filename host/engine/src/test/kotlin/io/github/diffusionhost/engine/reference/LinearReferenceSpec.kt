package io.github.diffusionhost.engine.reference

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.engine.data.ResidentDataset
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.pow
import kotlin.math.roundToInt
import kotlin.math.sqrt

private const val SIZE = 4
private const val PIXELS = SIZE * SIZE

/** Much at low frequencies, little at high ones, as in photographs. */
private val VARIANCES = DoubleArray(PIXELS) { 2.0 / (1.0 + it / SIZE + it % SIZE).pow(3) }

/** The levels that are tried: predicting the noise, the image, and the velocity, at little and at much noise. */
private val LEVELS =
  listOf(0.1, 0.5, 0.9).flatMap { noise ->
    val signal = sqrt(1 - noise * noise)
    listOf(NoiseLevel(signal, noise, 0.0, 1.0), NoiseLevel(signal, noise, 1.0, 0.0)) +
      NoiseLevel(1 - noise, noise, -1.0, 1.0)
  }

/** A random image with these variances, as a sum of cosine waves. */
private fun field(random: Random): DoubleArray {
  val amplitudes = DoubleArray(PIXELS) { sqrt(VARIANCES[it]) * random.nextGaussian() }
  fun wave(k: Int, n: Int) = sqrt((if (k == 0) 1.0 else 2.0) / SIZE) * cos(PI * (n + 0.5) * k / SIZE)
  return DoubleArray(PIXELS) { p ->
    (0 until PIXELS).sumOf { amplitudes[it] * wave(it / SIZE, p / SIZE) * wave(it % SIZE, p % SIZE) }
  }
}

/** Such images as bytes, about a mean image that is brighter at one side. */
private class Fields(private val count: Int, private val channels: Int = 1) : ImageDataset {
  private val values = Random(3).let { random -> List(count * channels) { field(random) } }

  fun pixel(image: Int, place: Int): Int {
    val value = values[image * channels + place / PIXELS][place % PIXELS]
    return (110 + 3 * (place % SIZE) + 12 * value).roundToInt().coerceIn(0, 255)
  }

  override fun shape() = ImageShape(channels, SIZE, SIZE)

  override fun size() = count

  override fun classNames() = listOf<String>()

  override fun read(index: Int, target: ByteArray, offset: Int) {
    for (i in 0 until channels * PIXELS) target[offset + i] = pixel(index, i).toByte()
  }

  override fun label(index: Int) = 0

  override fun normalization(): PixelNormalization = PixelNormalization(0.4f, 12f / 255)
}

private fun reference(dataset: Fields): LinearReference =
  NDManager.newBaseManager().use { manager ->
    ResidentDataset.load(dataset, manager).use { LinearReference.of(it) }
  }

/** The solution of a x = b for a positive definite a, by elimination; a and b are changed. */
private fun solve(a: Array<DoubleArray>, b: Array<DoubleArray>): Array<DoubleArray> {
  for (i in a.indices) {
    for (j in a.indices) {
      if (j == i) continue
      val factor = a[j][i] / a[i][i]
      for (k in a.indices) a[j][k] -= factor * a[i][k]
      for (k in b[j].indices) b[j][k] -= factor * b[i][k]
    }
  }
  return Array(a.size) { i -> DoubleArray(b[i].size) { b[i][it] / a[i][i] } }
}

/** The mean squared error of predicting the target from all pixels by least squares, found and tried by drawing. */
private fun leastSquares(level: NoiseLevel, random: Random): Double {
  fun draw(): Pair<DoubleArray, DoubleArray> {
    val x = field(random)
    val eps = DoubleArray(PIXELS) { random.nextGaussian() }
    return DoubleArray(PIXELS) { level.signal() * x[it] + level.noise() * eps[it] } to
      DoubleArray(PIXELS) { level.targetSignal() * x[it] + level.targetNoise() * eps[it] }
  }
  val seen = Array(PIXELS) { DoubleArray(PIXELS) }
  val both = Array(PIXELS) { DoubleArray(PIXELS) }
  repeat(20_000) {
    val (noisy, target) = draw()
    for (i in 0 until PIXELS) {
      for (j in 0 until PIXELS) {
        seen[i][j] += noisy[i] * noisy[j]
        both[i][j] += noisy[i] * target[j]
      }
    }
  }
  val weights = solve(seen, both)
  return (1..10_000)
    .map {
      val (noisy, target) = draw()
      (0 until PIXELS).sumOf { j -> (target[j] - (0 until PIXELS).sumOf { noisy[it] * weights[it][j] }).pow(2) } /
        PIXELS
    }
    .average()
}

@Tags("Slow")
class LinearReferenceSpec :
  FunSpec({
    test("no least-squares fit from all pixels does better, and the best one does as well") {
      val reference = LinearReference(1, VARIANCES)
      val random = Random(11)
      for (level in LEVELS) {
        // 10,000 images of 16 pixels: errors of a percent.
        val fitted = leastSquares(level, random)
        fitted shouldBe (reference.error(level) plusOrMinus 0.02 * reference.error(level))
      }
    }

    test("knowing the spectrum is worth something, and nothing where all frequencies are alike") {
      val photograph = LinearReference(1, VARIANCES)
      val white = LinearReference(1, DoubleArray(PIXELS) { 0.3 })
      for (level in LEVELS) {
        photograph.error(level) shouldBeLessThan photograph.errorFromVariance(level)
        white.error(level) shouldBe (white.errorFromVariance(level) plusOrMinus 1e-12)
      }
      val image = NoiseLevel(sqrt(0.75), 0.5, 1.0, 0.0)
      photograph.error(image) shouldBeLessThan 0.8 * photograph.errorFromVariance(image)
    }

    test("the spectrum of a dataset is found from its bytes, about its mean image, channel by channel") {
      for (channels in listOf(1, 3)) {
        val found = reference(Fields(2000, channels))
        val known = LinearReference(1, DoubleArray(PIXELS * channels) { VARIANCES[it % PIXELS] })
        found.images() shouldBe 2000
        // 2,000 draws of a variance: 3% each; rounding to bytes adds 1/12 of a byte squared.
        for (level in LEVELS) found.error(level) shouldBe (known.error(level) plusOrMinus 0.03 * known.error(level))
      }
    }

    test("the variance of pixels is that about the mean image") {
      val dataset = Fields(300)
      val expected =
        (0 until PIXELS)
          .map { place ->
            val values = (0 until 300).map { (dataset.pixel(it, place) / 255.0 - 0.4f) / (12f / 255) }
            values.sumOf { (it - values.average()).pow(2) } / 299
          }
          .average()
      reference(dataset).pixelVariance() shouldBe (expected plusOrMinus 1e-9 * expected)
    }

    test("of a large dataset 2,000 images are taken from all over it") {
      val many = Fields(4400)
      val found = reference(many)
      found.images() shouldBe 2000
      abs(found.pixelVariance() / VARIANCES.average() - 1) shouldBeLessThan 0.05
    }

    test("a single image has no variance, and is known") {
      val one = reference(Fields(1))
      one.pixelVariance() shouldBe 0.0
      one.error(NoiseLevel(0.5, 0.5, 1.0, 0.0)) shouldBe 0.0
      one.error(NoiseLevel(1.0, 0.0, 1.0, 0.0)) shouldBe 0.0
      reference(Fields(2)).pixelVariance() shouldBeGreaterThan 0.0
    }
  })
