package io.github.diffusionhost.plugins.fidelity.metric.novelty

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.plugins.fidelity.Pictures
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions
import io.github.diffusionhost.plugins.fidelity.extract.ScriptRange
import io.github.diffusionhost.plugins.fidelity.extract.resource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.maps.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayInputStream
import javax.imageio.ImageIO
import kotlin.math.pow
import kotlin.math.sqrt

/** How far generated images are from the training images. */
class NoveltySpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val train = Pictures.halves(200, 1)
    val test = Pictures.halves(100, 2)
    val pixels = NoveltyOptions(NoveltyOptions.Space.PIXELS, ExtractorOptions.CLASSIFIER, true, 10)
    afterSpec { manager.close() }

    fun report(generated: Pictures, options: NoveltyOptions = pixels, of: Pictures = train): MetricReport {
      val context = TestContext(manager, tempdir().toPath(), mapOf(Split.TRAIN to of, Split.TEST to test))
      return NoveltyProvider().create(options, context).use {
        it.add(generated.array(manager, 0, 30), null)
        it.add(generated.array(manager, 30, generated.size()), null)
        it.report()
      }
    }

    fun bytes(pictures: Pictures, i: Int) =
      ByteArray(pictures.shape().elements()).also { pictures.read(i, it, 0) }.map { it.toInt() and 255 }

    fun distance(a: List<Int>, b: List<Int>) = sqrt(a.indices.sumOf { ((a[it] - b[it]) / 255.0).pow(2) } / a.size)

    fun nearest(from: Pictures, to: Pictures) =
      (0 until from.size()).map { i -> (0 until to.size()).minOf { distance(bytes(from, i), bytes(to, it)) } }

    test("distances are those of loops over all pairs") {
      val generated = Pictures.halves(80, 3)
      val values = report(generated).values()
      val expected = nearest(generated, train).sorted()
      values.getValue("minimum") shouldBe (expected.first() plusOrMinus 1e-9)
      values.getValue("median") shouldBe (expected[40] plusOrMinus 1e-9)
      val held = nearest(test, train).take(80).sorted()
      values.getValue("near-copies") shouldBe expected.count { it < held[1] } / 80.0
      values.getValue("median-of-test") shouldBe (held[40] plusOrMinus 1e-9)
    }

    test("copies of training images are found") {
      val report = report(train.shuffled(4))
      report.values() shouldContain ("minimum" to 0.0)
      report.values() shouldContain ("median" to 0.0)
      report.values() shouldContain ("near-copies" to 1.0)
    }

    test("brighter images are nearer in brightness than in their pixels' order") {
      val report = report(Pictures.brighter(train, 10))
      report.values().getValue("median") shouldBe (10 / 255.0 plusOrMinus 1e-9)
    }

    test("the nearest pairs are drawn, sample above neighbour") {
      val report = report(train.shuffled(4))
      val figure = report.figures().single()
      figure.name() shouldBe "nearest-training-images"
      val picture = ImageIO.read(ByteArrayInputStream(figure.png()))
      // Ten pairs in two rows of eight; 8 pixels at sevenfold size, and gaps of 2.
      picture.width shouldBe 8 * (56 + 4) + 2
      picture.height shouldBe 2 * (2 * 56 + 8) + 2
      for (y in 0 until 56) {
        for (x in 0 until 56) picture.getRGB(2 + x, 2 + y) shouldBe picture.getRGB(2 + x, 2 + 56 + 2 + y)
      }
    }

    test("colours are drawn as they are") {
      val colours =
        Pictures(ImageShape(3, 4, 4), List(40) { ByteArray(48) { i -> listOf(200, 100, 50)[i / 16].toByte() } })
      val report = report(colours, pixels.copyWithoutTest(), colours)
      val picture = ImageIO.read(ByteArrayInputStream(report.figures().single().png()))
      picture.getRGB(10, 10) and 0xFFFFFF shouldBe (200 shl 16) + (100 shl 8) + 50
    }

    test("distances between features") {
      val plain = ExtractorOptions("torchscript:${resource("plain.pt")}", null, ScriptRange.BYTES, null, false)
      val report = report(Pictures.brighter(train, 3), NoveltyOptions(NoveltyOptions.Space.FEATURES, plain, true, 4))
      report.values().getValue("minimum") shouldBeLessThan sqrt(27.0) + 1e-3
      report.protocol().getValue("distance") shouldContain "Euclidean, between features of plain, sha256 "
    }

    test("without generated images there is nothing to compare") {
      val context = TestContext(manager, tempdir().toPath(), mapOf(Split.TRAIN to train, Split.TEST to test))
      shouldThrow<IllegalStateException> { NoveltyProvider().create(pixels, context).report() }.message!! shouldContain
        "there are no generated images to compare"
    }

    test("a dataset without a test split is refused at once, and does without if asked to") {
      val context = TestContext(manager, tempdir().toPath(), mapOf(Split.TRAIN to train))
      shouldThrow<java.io.IOException> { NoveltyProvider().create(pixels, context) }
      NoveltyProvider().create(pixels.copyWithoutTest(), context).use {
        it.add(test.array(manager), null)
        it.report().values().keys shouldBe setOf("median", "minimum")
      }
    }
  })

private fun NoveltyOptions.copyWithoutTest() = NoveltyOptions(space(), extractor(), false, pairs())
