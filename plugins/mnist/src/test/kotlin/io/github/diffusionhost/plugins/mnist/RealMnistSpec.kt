package io.github.diffusionhost.plugins.mnist

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.engine.support.image
import io.github.diffusionhost.engine.support.labels
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

/** Facts about MNIST that are published or were computed from the raw bytes by another program. */
class RealMnistSpec :
  FunSpec({
    val present: EnabledOrReasonIf = {
      if (realData != null) Enabled.enabled
      else
        Enabled.disabled("the real MNIST is not at ../shared/data/mnist; DIFFUSIONHOST_SHARED names another 'shared'")
    }

    fun open(split: Split, options: MnistOptions = MnistProvider().defaults()): ImageDataset =
      MnistProvider().open(options, PlayedFolder(realData!!, split))

    fun histogram(mnist: ImageDataset) = mnist.labels().groupingBy { it }.eachCount().toSortedMap().values.toList()

    test("the training split has 60,000 digits, its published label counts and first labels").config(
      enabledOrReasonIf = present
    ) {
      val mnist = open(Split.TRAIN)
      mnist.shape() shouldBe ImageShape(1, 28, 28)
      mnist.size() shouldBe 60_000
      mnist.labels().take(10) shouldContainExactly listOf(5, 0, 4, 1, 9, 2, 1, 3, 1, 4)
      histogram(mnist) shouldContainExactly listOf(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    }

    test("the test split has 10,000 digits, its published label counts and first labels").config(
      enabledOrReasonIf = present
    ) {
      val mnist = open(Split.TEST)
      mnist.size() shouldBe 10_000
      mnist.labels().take(10) shouldContainExactly listOf(7, 2, 1, 0, 4, 1, 4, 9, 5, 9)
      histogram(mnist) shouldContainExactly listOf(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    }

    test("training pixels have the published mean 0.1307 and standard deviation 0.3081").config(
      enabledOrReasonIf = present
    ) {
      val mnist = open(Split.TRAIN)
      val counts = LongArray(256)
      val image = ByteArray(784)
      for (i in 0 until mnist.size()) {
        mnist.read(i, image, 0)
        for (byte in image) counts[byte.toInt() and 255]++
      }
      val pixels = 60_000 * 784.0
      val mean = counts.indices.sumOf { it / 255.0 * counts[it] } / pixels
      val square = counts.indices.sumOf { it / 255.0 * it / 255.0 * counts[it] } / pixels
      mean shouldBe (0.1307 plusOrMinus 0.00005)
      sqrt(square - mean * mean) shouldBe (0.3081 plusOrMinus 0.00005)
    }

    test("the data of recipe R3 are 62,000 images of twelve classes").config(enabledOrReasonIf = present) {
      val mnist = open(Split.TRAIN, MnistProvider().presets()["published"]!!)
      mnist.size() shouldBe 62_000
      mnist.classNames().size shouldBe 12
      histogram(mnist).takeLast(2) shouldContainExactly listOf(1000, 1000)
    }

    test("single images have the sums and pixels of the raw bytes").config(enabledOrReasonIf = present) {
      fun sum(mnist: ImageDataset, index: Int) = mnist.image(index).sum()
      val train = open(Split.TRAIN)
      listOf(0, 1, 2, 59_999).map { sum(train, it) } shouldContainExactly listOf(27525, 31095, 19443, 20920)
      train.image(0).subList(5 * 28 + 12, 5 * 28 + 24) shouldContainExactly
        listOf(3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127)
      val test = open(Split.TEST)
      listOf(0, 9_999).map { sum(test, it) } shouldContainExactly listOf(18454, 41833)
    }
  })
