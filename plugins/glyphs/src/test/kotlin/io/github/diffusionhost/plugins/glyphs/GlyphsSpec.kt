package io.github.diffusionhost.plugins.glyphs

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path

class GlyphsSpec :
  FunSpec({
    val provider = GlyphsProvider()

    fun open(count: Int = 2_000, size: Int = 28, seed: Long = 0, split: Split = Split.TRAIN) =
      provider.open(GlyphsOptions(count, size), NoFiles(seed, split))

    test("the jar's index names the provider") {
      val index = GlyphsProvider::class.java.getResource("/META-INF/extensions.idx")!!.readText().trim()
      Class.forName(index).getDeclaredConstructor().newInstance().shouldBeInstanceOf<DatasetProvider<*>>()
    }

    test("every option is documented, has its published default and binds") {
      val spec = OptionsSpec.of(provider.defaults())
      spec.options().map { it.name() to it.defaultValue() } shouldContainExactly
        listOf("count" to 20_000, "size" to 28, "mean" to 0.5f, "std" to 0.3081f)
      spec.create(mapOf("count" to 7, "size" to 32, "mean" to 0f, "std" to 1f)) shouldBe GlyphsOptions(7, 32, 0f, 1f)
    }

    test("the ten digits come in turn, with their names, in one channel") {
      val glyphs = open(count = 25, size = 32)
      glyphs.shape() shouldBe ImageShape(1, 32, 32)
      glyphs.size() shouldBe 25
      glyphs.classNames() shouldContainExactly listOf("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
      (0 until 25).map(glyphs::label) shouldContainExactly List(25) { it % 10 }
      glyphs.normalization() shouldBe PixelNormalization(0.5f, 0.3081f)
      val signed = provider.open(GlyphsOptions(1, 28, 0.5f, 0.5f), NoFiles(0, Split.TRAIN))
      signed.normalization() shouldBe PixelNormalization.SIGNED
    }

    test("an image follows from seed, split and index alone") {
      val forwards = open(seed = 3).images(50)
      val other = open(count = 51, seed = 3)
      (49 downTo 0).map { other.image(it) } shouldBe forwards.reversed()
    }

    test("another seed, split or index gives another image") {
      val images =
        listOf(open(seed = 0), open(seed = 1), open(split = Split.TEST))
          .flatMap { it.images(1_000) }
          .map(List<Byte>::hashCode)
      // 3,000 images with 32-bit hashes: one pair collides by chance in one of a thousand such sets.
      images.toSet().size shouldBe 3_000
    }

    test("an image is written at its offset and nowhere else") {
      val glyphs = open()
      val target = ByteArray(3 * 784) { 77 }
      glyphs.read(5, target, 784)
      target.slice(784 until 2 * 784) shouldBe glyphs.image(5)
      (target.take(784) + target.drop(2 * 784)).toSet() shouldBe setOf<Byte>(77)
    }

    test("digits are white on black, centred, and never touch the border") {
      for (image in open().images(2_000)) {
        val ink = image.map { it.toInt() and 255 }
        ink.max() shouldBe 255
        ink.filterIndexed { i, _ -> i % 28 in setOf(0, 27) || i / 28 in setOf(0, 27) }.max() shouldBe 0
        val rows = (0 until 28).filter { row -> ink.subList(row * 28, row * 28 + 28).any { it > 0 } }
        // The middle of rows 0 to 27 is 13.5; a shift is at most 1.5 pixels, and rounding to rows half a pixel.
        ((rows.first() + rows.last()) / 2.0).shouldBeBetween(11.5, 15.5, 0.0)
        rows.size shouldBeInRange 17..25
      }
    }

    test("an image is nearest to the mean of its own class in over 90% of the test split") {
      nearestMeanAccuracy(open(5_000), open(2_000, split = Split.TEST)) shouldBeGreaterThan 0.9
    }

    test("digits keep their look at twice the size") {
      val small = open().images(200)
      val large = open(size = 56).images(200)
      for ((a, b) in small.zip(large)) {
        val ratio = b.sumOf { it.toInt() and 255 }.toDouble() / a.sumOf { it.toInt() and 255 }
        // Four times the area: the ink falls off linearly about the pen's edge at both sizes.
        ratio shouldBeGreaterThan 3.8
        ratio shouldBeLessThan 4.2
      }
      small[0] shouldNotBe small[10]
    }

    test("the pen draws the ink of a straight stroke that geometry says") {
      // A horizontal stroke 2 pixels thick from (2, 4) to (6, 4) in 8 x 8 pixels: rows 3 and 4 have their centres half
      // a pixel from its axis, rows 2 and 5 one and a half, which is the pen's radius 1 plus half a pixel.
      val image = ByteArray(64)
      Rasterizer(8).draw(StrokePath.parse("M 0.25 0.5 L 0.75 0.5"), 1.0 / 8, image, 0)
      val ink = image.map { it.toInt() and 255 }.chunked(8)
      for (row in listOf(3, 4)) ink[row].subList(2, 6) shouldBe listOf(255, 255, 255, 255)
      // The centre of pixel (1, 3) lies sqrt(0.5² + 0.5²) = 0.7071 from the stroke's end, so its ink is
      // 1 + 0.5 - 0.7071 = 0.7929 of 255; that of (0, 3) lies sqrt(1.5² + 0.5²) = 1.5811 away: none.
      ink[3][1] shouldBe 202
      ink[3][0] shouldBe 0
      for (row in listOf(0, 1, 2, 5, 6, 7)) ink[row].max() shouldBe 0
    }

    test("a cubic curve ends where it should and passes its middle") {
      val points = StrokePath.parse("M 0 0 C 0 8 8 8 8 0").single().points
      points.takeLast(2) shouldBe listOf(8.0, 0.0)
      // At t = 1/2: (p0 + 3 p1 + 3 p2 + p3) / 8.
      points.slice(10..11) shouldBe listOf(4.0, 6.0)
    }
  })

internal class NoFiles(private val seed: Long, private val split: Split) : DatasetContext {
  override fun dataFolder(): Path = error("glyphs needs no files")

  override fun split() = split

  override fun seed() = seed

  override fun download(files: List<RemoteFile>) = error("glyphs needs no files")
}

private fun ImageDataset.image(index: Int): List<Byte> =
  ByteArray(shape().elements()).also { read(index, it, 0) }.asList()

private fun ImageDataset.images(count: Int) = (0 until count).map { image(it) }

private fun nearestMeanAccuracy(train: ImageDataset, test: ImageDataset): Double {
  val means = Array(10) { DoubleArray(784) }
  for (i in 0 until train.size()) {
    train.image(i).forEachIndexed { p, byte ->
      means[train.label(i)][p] += (byte.toInt() and 255) * 10.0 / train.size()
    }
  }
  val right =
    (0 until test.size()).count { i ->
      val image = test.image(i)
      val nearest =
        means.indices.minBy { c ->
          image.indices.sumOf { p -> ((image[p].toInt() and 255) - means[c][p]).let { it * it } }
        }
      nearest == test.label(i)
    }
  return right.toDouble() / test.size()
}
