package io.github.diffusionhost.plugins.fidelity.metric.feature

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.plugins.fidelity.Pictures
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions
import io.github.diffusionhost.plugins.fidelity.extract.ScriptRange
import io.github.diffusionhost.plugins.fidelity.extract.resource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.maps.shouldContain
import io.kotest.matchers.maps.shouldNotContainKey
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import kotlin.math.pow
import kotlin.math.sqrt

private val PLAIN = ExtractorOptions("torchscript:${resource("plain.pt")}", null, ScriptRange.BYTES, null, false)

/** Metrics from generated images to a report. */
@Tags("Slow")
class FeatureMetricsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    val train = Pictures.halves(160, 1)
    val test = Pictures.halves(120, 2)
    val brighter = Pictures.brighter(train, 40)
    afterSpec { manager.close() }

    fun context(splits: Map<Split, Pictures> = mapOf(Split.TRAIN to train, Split.TEST to test)) =
      TestContext(manager, tempdir().toPath(), splits)

    // The classifier is trained once.
    val classified = context()

    fun <O : Record> TestContext.report(
      provider: MetricProvider<O>,
      options: O,
      generated: Pictures,
      batch: Int = 50,
    ): MetricReport =
      provider.create(options, this).use { metric ->
        for (from in 0 until generated.size() step batch) {
          NDScope().use { scope ->
            scope.suppressNotUsedWarning()
            metric.add(generated.array(manager, from, minOf(generated.size(), from + batch)), null)
          }
        }
        metric.report()
      }

    val frechet = FrechetOptions(PLAIN, ReferenceOptions.TRAIN)
    val neighbours = NeighbourOptions(PLAIN, ReferenceOptions.TRAIN, 3)
    val kid = KidOptions(PLAIN, ReferenceOptions.TRAIN, 10, 100)

    test("the training images have no Fréchet distance to themselves, in any order and any batches") {
      val context = context()
      for ((batch, generated) in listOf(160 to train, 7 to train.shuffled(3))) {
        val report = context.report(FidProvider(), frechet, generated, batch)
        report.values().keys shouldBe setOf("fd-plain")
        report.values().getValue("fd-plain") shouldBe (0.0 plusOrMinus 1e-6)
      }
    }

    test("images that are brighter by 40 have a mean that is 40 away") {
      val found = context().report(FidProvider(), frechet, brighter).values().getValue("fd-plain")
      // Mean, largest and smallest pixel each move by 40 and their covariance stays.
      found shouldBe (3 * 40.0 * 40.0 plusOrMinus 1e-2)
    }

    test("features without full rank, and fewer images than features, have the distance of their line") {
      // Of images of one grey, mean, largest and smallest pixel are that grey: the covariance has rank 1.
      val flat = { greys: List<Int> ->
        Pictures(ImageShape(1, 8, 8), greys.map { grey -> ByteArray(64) { grey.toByte() } })
      }
      val real = (0 until 50).map { it * 5 }
      fun mean(greys: List<Int>) = greys.average()
      fun deviation(greys: List<Int>) = sqrt(greys.sumOf { (it - mean(greys)).pow(2) } / (greys.size - 1))
      for (greys in listOf(real.map { it / 2 }, listOf(30, 90), listOf(100, 100, 100))) {
        val context = context(mapOf(Split.TRAIN to flat(real)))
        val expected = 3 * ((mean(greys) - mean(real)).pow(2) + (deviation(greys) - deviation(real)).pow(2))
        context.report(FidProvider(), frechet, flat(greys)).values().getValue("fd-plain") shouldBe
          (expected plusOrMinus 1e-3)
      }
    }

    test("a report says what its number depends on") {
      val protocol = context().report(FidProvider(), frechet, brighter).protocol()
      protocol shouldContain ("extractor" to "plain")
      protocol.getValue("extractor sha256") shouldMatch "[0-9a-f]{64}"
      protocol shouldContain ("extractor input" to "pixels 0 to 255, not resized")
      protocol shouldContain ("generated images" to "160")
      protocol shouldContain ("reference images" to "all 160 of the train split")
      protocol shouldContain ("note" to "fewer than 10,000 samples: biased upwards")
    }

    test("reference statistics are computed once, and anew for other images or another split") {
      val context = context()
      context.report(FidProvider(), frechet, brighter)
      context.steps shouldContainExactly listOf("features of reference images")
      context.steps.clear()
      val again = context.report(FidProvider(), frechet, brighter)
      context.steps.shouldBeEmpty()
      val other = FrechetOptions(PLAIN, ReferenceOptions(Split.TEST, 60))
      val report = context.report(FidProvider(), other, brighter)
      context.steps shouldHaveSize 1
      report.protocol() shouldContain ("reference images" to "60 of 120 of the test split, drawn at random")
      (report.values() == again.values()) shouldBe false
      val digests = listOf(report, again).map { it.protocol().getValue("reference sha256") }
      digests.toSet() shouldHaveSize 2
      digests.forEach { it.length shouldBe 64 }
      context.dataFolder().resolve("fidelity").toFile().list()!!.toList() shouldHaveSize 2
    }

    test("kept statistics give the same number as new ones") {
      val context = context()
      val first = context.report(FidProvider(), frechet, test).values()
      context.report(FidProvider(), frechet, test).values() shouldBe first
    }

    test("a damaged file of statistics is named") {
      val context = context()
      context.report(FidProvider(), frechet, test)
      val file = context.dataFolder().resolve("fidelity").toFile().listFiles()!!.single()
      file.writeBytes(ByteArray(100))
      shouldThrow<java.io.IOException> { context.report(FidProvider(), frechet, test) }.message!! shouldContain
        "$file is damaged: delete it, and it is computed anew"
    }

    test("several metrics of one evaluation look at the same images") {
      val context = context()
      val metrics = listOf(FidProvider().create(frechet, context), KidProvider().create(kid, context))
      val batch = test.array(manager)
      metrics.forEach { it.add(batch, null) }
      val together = metrics.map { it.report().values() }
      together[0] shouldBe context().report(FidProvider(), frechet, test, 120).values()
      together[1] shouldBe context().report(KidProvider(), kid, test, 120).values()
    }

    test("each image goes through the network once for all metrics of an evaluation") {
      val context = context()
      val metrics =
        listOf(
          FidProvider().create(frechet, context),
          KidProvider().create(kid, context),
          PrecisionRecallProvider().create(neighbours, context),
          DensityCoverageProvider().create(NeighbourOptions(PLAIN, ReferenceOptions(Split.TRAIN, 50), 5), context),
          FidProvider().create(FrechetOptions(PLAIN, ReferenceOptions(Split.TEST, null)), context),
        )
      for (batch in listOf(test.array(manager, 0, 70), test.array(manager, 70, 120))) metrics.forEach {
        it.add(batch, null)
      }
      context.imagesInScripts shouldBe 120
      val reports = metrics.map { it.report() }
      // The train split for the first four, the test split for the last.
      context.imagesInScripts shouldBe 120 + 160 + 120
      reports[1].protocol() shouldContain ("reference images" to "120 of 160 of the train split, drawn at random")
      reports[2].values() shouldBe context().report(PrecisionRecallProvider(), neighbours, test, 120).values()
      // Moments of all, moments of the test split, features of 120 and of 50.
      context.dataFolder().resolve("fidelity").toFile().list()!!.toList() shouldHaveSize 4
    }

    test("whatever asks first, and a metric that is closed asks for nothing") {
      val context = context()
      FidProvider().create(frechet, context).close()
      KidProvider().create(kid, context).close()
      val values =
        context.report(PrecisionRecallProvider(), NeighbourOptions(PLAIN, ReferenceOptions(Split.TRAIN, 30), 3), test)
      context.imagesInScripts shouldBe 120 + 30
      values.protocol() shouldContain ("reference images" to "30 of 160 of the train split, drawn at random")
    }

    test("the kernel distance says how it was estimated, and is larger for images that differ") {
      val report = context().report(KidProvider(), kid, test)
      report.values().keys shouldContainExactly setOf("kd-plain", "kd-plain-std")
      report.protocol() shouldContain ("subsets" to "10 of 100")
      report.protocol() shouldContain ("seed" to "5")
      report.protocol() shouldContain ("reference images" to "120 of 160 of the train split, drawn at random")
      val far = context().report(KidProvider(), kid, brighter).values().getValue("kd-plain")
      far shouldBeGreaterThan 10 * report.values().getValue("kd-plain")
    }

    test("the training images are precise, recalled and covered by themselves") {
      val same = context().report(PrecisionRecallProvider(), neighbours, train).values()
      same shouldBe mapOf("precision" to 1.0, "recall" to 1.0)
      val covered = context().report(DensityCoverageProvider(), neighbours, train.shuffled(1)).values()
      covered.getValue("coverage") shouldBe 1.0
      // Each is in its own ball and in those that it is among the three nearest of: 4/3 on average, ties more.
      covered.getValue("density") shouldBeGreaterThan 1.3
    }

    test("the Inception Score needs classes; the classifier's is called after it") {
      val options = InceptionScoreOptions(ExtractorOptions.CLASSIFIER, 4)
      val report = classified.report(InceptionScoreProvider(), options, test)
      report.values().keys shouldContainExactly setOf("is-classifier", "is-classifier-std")
      // Two classes, told apart surely and about as many of each.
      report.values().getValue("is-classifier") shouldBe (2.0 plusOrMinus 0.15)
      shouldThrow<IllegalArgumentException> {
          context().report(InceptionScoreProvider(), InceptionScoreOptions(PLAIN, 4), test)
        }
        .message!! shouldContain "gives no probabilities of classes"
    }

    test("the Fréchet distance of the classifier is never called FID") {
      val context = classified
      val options = FrechetClassifierProvider().defaults()
      val near = context.report(FrechetClassifierProvider(), options, test)
      near.values().keys shouldContainExactly setOf("fd-classifier")
      context
        .report(FidProvider(), FrechetOptions(ExtractorOptions.CLASSIFIER, ReferenceOptions.TRAIN), test)
        .values() shouldBe near.values()
      val far = context.report(FrechetClassifierProvider(), options, Pictures.flat(100, ImageShape(1, 8, 8)))
      far.values().getValue("fd-classifier") shouldBeGreaterThan near.values().getValue("fd-classifier")
      far.protocol() shouldNotContainKey "sampler"
    }

    test("images of another size than the reference's are refused") {
      val other = Pictures.halves(20, 1, ImageShape(3, 8, 8))
      for (provider in listOf(FidProvider(), KidProvider(), PrecisionRecallProvider())) {
        shouldThrow<IllegalStateException> {
            when (provider) {
              is FidProvider -> context().report(provider, frechet, other)
              is KidProvider -> context().report(provider, kid, other)
              is PrecisionRecallProvider -> context().report(provider, neighbours, other)
            }
          }
          .message!! shouldContain "the generated images are 3x8x8 and the reference's 1x8x8"
      }
    }

    test("too few images are refused") {
      val one = Pictures.halves(1, 1)
      shouldThrow<IllegalStateException> { context().report(FidProvider(), frechet, one) }.message!! shouldContain
        "a covariance needs at least 2 images, and there are 1"
      shouldThrow<IllegalStateException> { context().report(KidProvider(), kid, one) }.message!! shouldContain
        "this needs at least 2 generated images, and there are 1"
      shouldThrow<IllegalStateException> {
          context().report(PrecisionRecallProvider(), neighbours, Pictures.halves(3, 1))
        }
        .message!! shouldContain "needs more than 3 images, and there are 3"
    }

    test("a dataset without the split is refused before anything is generated") {
      val options = FrechetOptions(PLAIN, ReferenceOptions(Split.TEST, null))
      shouldThrow<java.io.IOException> { FidProvider().create(options, context(mapOf(Split.TRAIN to train))) }
        .message!! shouldContain "the dataset has no test split"
    }
  })
