package io.github.diffusionhost.plugins.linearprobe

import ai.djl.ndarray.NDManager
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.ints.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.sqrt
import kotlin.random.Random

@Tags("Slow")
class LinearProbeSpec :
  FunSpec({
    val manager = autoClose(NDManager.newBaseManager())
    fun played(train: Rows = Rows(203), test: Rows? = Rows(150, seed = 2), seed: Long = 0) =
      PlayedEvaluation(manager, train, test, seed)

    /** Four standard deviations of a share of [n] guesses among 4 classes. */
    fun luck(n: Int) = 4 * sqrt(0.25 * 0.75 / n)

    test("classes that lie apart in the features are told apart") {
      val report = played().probe(options("epochs" to 8))
      report.values() shouldBe mapOf("accuracy" to 1.0, "accuracy/step-4/out_6" to 1.0)
    }

    test("labels that say nothing are guessed") {
      fun labels(seed: Int) = Random(seed).let { random -> List(400) { random.nextInt(4) } }
      val (first, second) = labels(5) to labels(6)
      val random = played(train = Rows(200, label = { first[it] }), test = Rows(400, seed = 2, label = { second[it] }))
      random.probe(options("epochs" to 5)).values().getValue("accuracy") shouldBe (0.25 plusOrMinus luck(400))
      val permuted = played(test = Rows(400, seed = 2, label = { second[it] }))
      permuted.probe(options("epochs" to 8)).values().getValue("accuracy") shouldBe (0.25 plusOrMinus luck(400))
    }

    test("the more noise, the less is told: steps count from the clean end") {
      val played = played()
      val values = played.probe(options("epochs" to 6, "noiseSteps" to listOf(1, 17, 18))).values()
      values.getValue("accuracy/step-1/out_6") shouldBe 1.0
      (values.getValue("accuracy/step-17/out_6") < 0.9) shouldBe true
      // The last step is noise alone.
      values.getValue("accuracy/step-18/out_6") shouldBe (0.25 plusOrMinus luck(150))
      // TinyScheduler samples from level 1 to level 0 in even steps.
      played.looks.map { it.level }.distinct() shouldContainExactly listOf(0.0, 16.0 / 17, 1.0)
    }

    test("accuracy is that of the best classifier of the grid") {
      val report =
        played().probe(options("epochs" to 3, "noiseSteps" to listOf(18, 1), "features" to listOf("out_6", "out_5")))
      report.values().keys.toList() shouldContainExactly
        listOf("accuracy") + listOf(18, 1).flatMap { s -> listOf(6, 5).map { "accuracy/step-$s/out_$it" } }
      report.values().getValue("accuracy") shouldBe report.values().values.drop(1).max()
      report.protocol().getValue("accuracy") shouldContain "step-1/out_"
    }

    test("a classifier does not depend on the others of its grid") {
      val many = options("epochs" to 2, "noiseSteps" to listOf(9, 12, 14), "features" to listOf<String>())
      val together = played().probe(many).values()
      val alone = played().probe(options("epochs" to 2, "noiseSteps" to listOf(12))).values()
      together.getValue("accuracy/step-12/out_6") shouldBe alone.getValue("accuracy/step-12/out_6")
    }

    test("an epoch shows every image once, the last batch is what is left, and test images come in order") {
      val played = played()
      played.probe(options("epochs" to 2, "flip" to false))
      val sizes = played.looks.map { it.images.size / 16 }
      val epoch = List(6) { 32 } + 11
      sizes shouldContainExactly epoch + epoch + List(4) { 32 } + 22
      fun shown(from: Int, to: Int) = played.looks.subList(from, to).flatMap { it.images.chunked(16) }
      val (first, second) = shown(0, 7) to shown(7, 14)
      first.toSet() shouldBe second.toSet()
      first.distinct().size shouldBe 203
      first shouldNotBe second
      val test = Rows(150, seed = 2)
      val bytes = ByteArray(16)
      shown(14, 19).forEachIndexed { i, pixels ->
        test.read(i, bytes, 0)
        pixels.forEachIndexed { j, it ->
          it.toDouble() shouldBe ((bytes[j].toInt() and 255) / 127.5 - 1 plusOrMinus 1e-5)
        }
      }
    }

    test("noise is drawn anew for every image and epoch, unit normal") {
      val played = played()
      played.probe(options("epochs" to 2))
      val draws = played.looks.flatMap { it.noise }
      draws.distinct().size.toDouble().shouldBeBetween(0.999 * draws.size, draws.size.toDouble(), 0.0)
      draws.map { it.toDouble() }.average() shouldBe (0.0 plusOrMinus 0.05)
      draws.map { it.toDouble() * it }.average() shouldBe (1.0 plusOrMinus 0.07)
    }

    test("about half of the training images are flipped, and no test image") {
      val played = played()
      played.probe(options("epochs" to 1))
      val images = played.looks.flatMap { it.images.chunked(16) }
      fun flipped(pixels: List<Float>) = pixels.chunked(4).sumOf { (it[2] + it[3] - it[0] - it[1]).toDouble() } > 0
      images.take(203).count(::flipped).shouldBeBetween(73, 130)
      images.drop(203).count(::flipped) shouldBe 0
    }

    test("the same seed gives the same result, bit for bit, and another seed other draws") {
      val options = options("epochs" to 2, "noiseSteps" to listOf(13), "trainImages" to 90, "testImages" to 80)
      fun run(seed: Long) =
        played(seed = seed).let { it.probe(options) to it.looks.map { look -> look.images to look.noise } }
      val (report, looks) = run(7)
      val (again, looksAgain) = run(7)
      again shouldBe report
      looksAgain shouldBe looks
      run(8).second shouldNotBe looks
    }

    test("limits choose at random, of all classes") {
      // Sorted by class, as folders are.
      val sorted = Rows(400, label = { it / 100 })
      val played = played(train = sorted, test = sorted)
      val report = played.probe(options("epochs" to 1, "trainImages" to 40, "testImages" to 30, "flip" to false))
      played.looks.sumOf { it.images.size / 16 } shouldBe 70
      report.protocol().getValue("train images") shouldBe "40"
      report.protocol().getValue("test images") shouldBe "30"
    }

    test("the protocol says what the numbers depend on") {
      played(seed = 3).probe(options("epochs" to 1, "noiseSteps" to listOf(4))).protocol() shouldBe
        mapOf(
          "accuracy" to "share of test images, of the best classifier: step-4/out_6",
          "train images" to "203",
          "test images" to "150",
          "classes" to "4",
          "label given to the network" to "none",
          "noise step 4 of 18" to "level 0.176471",
          "features" to "out_6",
          "epochs" to "1",
          "batch size" to "32",
          "learning rate" to "0.05, cosine to 0 by epoch",
          "flip" to "left to right, probability 0.5",
          "seed" to "3",
        )
    }

    test("progress goes up to its end") {
      val played = played()
      played.probe(options("epochs" to 2))
      played.progress.map { it.second }.zipWithNext().all { (a, b) -> a < b } shouldBe true
      played.progress.last() shouldBe Triple("test images", 556L, 556L)
      played.progress.map { it.first }.distinct() shouldContainExactly
        listOf("epoch 1 of 2", "epoch 2 of 2", "test images")
    }

    test("it wants no generated images") {
      LinearProbeProvider().create(options(), played()).use { it.samples(10_000) shouldBe 0 }
    }

    for ((words, row) in
      mapOf<String, Pair<() -> Unit, String>>(
        "a dataset without labels" to
          ({
            played(train = Rows(9, classes = 0)).probe(options())
            Unit
          } to "the dataset gives no labels"),
        "one class" to
          ({
            played(train = Rows(9, classes = 1)).probe(options())
            Unit
          } to "the dataset has one class"),
        "images of one class" to
          ({
            played(train = Rows(9, label = { 2 })).probe(options())
            Unit
          } to "the 9 training images are all of one class"),
        "other classes" to
          ({
            played(test = Rows(9, classes = 3)).probe(options())
            Unit
          } to "the test split has other classes"),
        "no test split" to
          ({
            played(test = null).probe(options())
            Unit
          } to "tested on the test split: there is no folder test"),
        "a feature that is not there" to
          ({
            played().probe(options("features" to listOf("out_99")))
            Unit
          } to "features out_99: the network has no feature of that name; it has out_5, out_6"),
        "a network without features" to
          ({
            PlayedEvaluation(manager, Rows(9), Rows(9), names = listOf()).probe(options())
            Unit
          } to "the network has no features by name"),
        "a noise step out of range" to
          ({
            options("noiseSteps" to listOf(4, 19))
            Unit
          } to "noiseSteps 19: a sampling of 18 steps has noise steps 1 to 18"),
        "no noise step" to
          ({
            options("noiseSteps" to listOf<Int>())
            Unit
          } to "noiseSteps is empty"),
        "a noise step given twice" to
          ({
            options("noiseSteps" to listOf(4, 4))
            Unit
          } to "noiseSteps names one twice"),
        "features that are not finite" to
          ({
            PlayedEvaluation(manager, Rows(40), Rows(9), feature = { it.div(0) }).probe(options())
            Unit
          } to "features at step-4/out_6 are not finite"),
      )) {
      test("one clear message for $words") { shouldThrow<Exception>(row.first).message!! shouldContain row.second }
    }
  })
