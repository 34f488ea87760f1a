package io.github.diffusionhost.plugins.fidelity.extract.classifier

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.plugins.fidelity.Pictures
import io.github.diffusionhost.plugins.fidelity.RealMnist
import io.github.diffusionhost.plugins.fidelity.TestContext
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlin.time.measureTimedValue

/** Enough to learn which half of an image is bright. */
private const val STEPS = 60

private fun indices(pictures: Pictures) = IntArray(pictures.size()) { it }

/** The network that is trained on the dataset's own labels. */
@Tags("Slow")
class ClassifierSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    fun train(pictures: Pictures, seed: Long, steps: Int): Map<String, FloatArray> =
      NDManager.newBaseManager().use { scope ->
        val network = ClassifierNetwork(pictures.shape(), pictures.classNames().size)
        ClassifierTraining(network, ImageBatches(pictures, indices(pictures)), seed, steps) { _, _ -> }
          .run(scope)
          .mapValues { it.value.toFloatArray() }
      }

    fun accuracy(pictures: Pictures, probabilities: (NDArray) -> NDArray): Double {
      var right = 0
      for (from in 0 until pictures.size() step 500) {
        val to = minOf(pictures.size(), from + 500)
        NDScope().use { scope ->
          scope.suppressNotUsedWarning()
          val found = probabilities(pictures.array(manager, from, to)).argMax(1).toLongArray()
          right += found.indices.count { found[it].toInt() == pictures.label(from + it) }
        }
      }
      return right.toDouble() / pictures.size()
    }

    test("its weights follow from its seed, bit for bit") {
      val pictures = Pictures.halves(300, 1)
      val first = train(pictures, 0, 12)
      val again = train(pictures, 0, 12)
      val other = train(pictures, 1, 12)
      for ((name, weights) in first) weights.toList() shouldContainExactly again.getValue(name).toList()
      first.getValue("classes.weight").toList() shouldNotBe other.getValue("classes.weight").toList()
    }

    listOf(
        ImageShape(1, 28, 28) to 64 * 3 * 3,
        ImageShape(3, 32, 32) to 64 * 4 * 4,
        ImageShape(3, 64, 64) to 64 * 4 * 4,
        ImageShape(1, 12, 20) to 32 * 3 * 5,
        ImageShape(2, 4, 4) to 2 * 4 * 4,
      )
      .forEach { (shape, flat) ->
        test("images of $shape become 128 features") {
          val network = ClassifierNetwork(shape, 7)
          network.shapes().getValue("features.weight").get(1) shouldBe flat.toLong()
          val weights = network.initial(java.util.Random(2), manager)
          val features = network.features(Pictures.halves(3, 5, shape).array(manager), weights)
          features.shape.shape.toList() shouldContainExactly listOf(3L, 128L)
          network.logits(features, weights).shape.shape.toList() shouldContainExactly listOf(3L, 7L)
        }
      }

    test("it is trained once and kept, and learns what there is to learn") {
      val folder = tempdir().toPath()
      val train = Pictures.halves(600, 1)
      val test = Pictures.halves(400, 2)
      val context = TestContext(manager, folder, mapOf(Split.TRAIN to train))
      val first = ClassifierExtractor(context, STEPS)
      accuracy(test) { first.probabilities(it) } shouldBeGreaterThan 0.99
      context.steps shouldContainExactly listOf("training the classifier")
      val second = ClassifierExtractor(context, STEPS)
      second.sha256() shouldBe first.sha256()
      context.steps shouldHaveSize 1
      folder.resolve("fidelity").toFile().list()!!.toList() shouldHaveSize 1
    }

    test("images without labels are refused") {
      val context =
        TestContext(manager, tempdir().toPath(), mapOf(Split.TRAIN to Pictures(ImageShape(1, 4, 4), listOf())))
      shouldThrow<IllegalArgumentException> { ClassifierExtractor(context) }.message!! shouldContain
        "learns the labels of the dataset, which has none: use another extractor"
    }

    test("a damaged file is named") {
      val folder = tempdir().toPath()
      val context = TestContext(manager, folder, mapOf(Split.TRAIN to Pictures.halves(150, 1)))
      ClassifierExtractor(context, STEPS).close()
      val file = folder.resolve("fidelity").toFile().listFiles()!!.single()
      file.writeBytes(file.readBytes().copyOf(2000))
      shouldThrow<java.io.IOException> { ClassifierExtractor(context, STEPS) }.message!! shouldContain
        "$file is damaged: delete it"
    }

    test("MNIST: at least 98.5% of the test images").config(
      enabledOrReasonIf = {
        if (RealMnist.present) Enabled.enabled else Enabled.disabled("the real MNIST is not at ../shared/data/mnist")
      }
    ) {
      val context = TestContext(manager, tempdir().toPath(), mapOf(Split.TRAIN to RealMnist.train))
      val (extractor, time) = measureTimedValue { ClassifierExtractor(context) }
      val accuracy = accuracy(RealMnist.test) { extractor.probabilities(it) }
      println("classifier on MNIST: $accuracy after $time, ${extractor.sha256()}")
      accuracy shouldBeGreaterThan 0.985
    }
  })
