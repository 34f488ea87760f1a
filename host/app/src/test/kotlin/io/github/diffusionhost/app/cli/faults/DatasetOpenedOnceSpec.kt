package io.github.diffusionhost.app.cli.faults

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

@JvmRecord
data class CountedOptions(
  @all:Option("subtracted from pixels") val mean: Float,
  @all:Option("the divisor of pixels") val std: Float,
)

/** Counts how often it is opened, read and closed. */
private class CountedDataset : DatasetProvider<CountedOptions> {
  val opened = mutableListOf<Split>()
  val read = mutableMapOf<Split, MutableList<Int>>()
  var closed = 0

  override fun name() = "counted"

  override fun summary() = "counts its uses"

  override fun defaults() = CountedOptions(0.5f, 0.5f)

  override fun open(options: CountedOptions, context: DatasetContext): ImageDataset {
    val split = context.split()
    opened += split
    return object : ImageDataset {
      override fun shape() = ImageShape(1, 28, 28)

      override fun size() = if (split == Split.TRAIN) 40 else 10

      override fun classNames() = listOf("even", "odd")

      override fun read(index: Int, target: ByteArray, offset: Int) {
        read.getOrPut(split) { mutableListOf() } += index
        for (i in 0 until 784) target[offset + i] = (i * (index + 1) % 251).toByte()
      }

      override fun label(index: Int) = index % 2

      override fun normalization() = PixelNormalization(options.mean, options.std)

      override fun close() {
        closed++
      }
    }
  }
}

class DatasetOpenedOnceSpec :
  FunSpec({
    test("a training and its metrics open each split once, and read each image once") {
      val folder = tempdir().toPath()
      val metrics = "metrics: [{ use: novelty, everyImages: 32, samples: 4 }]\n"
      val config = folder.resolve("run.yaml")
      config.writeText(TINY_RUN.replace("{ use: glyphs, count: 200 }", "{ use: counted }") + metrics)
      val counted = CountedDataset()
      val arguments = listOf("run", "--config", "$config", "--run-dir", "$folder/run", "--set", "train.steps=4")
      val ended =
        inProcess(
          *arguments.toTypedArray(),
          environment = mapOf("DIFFUSIONHOST_DATA" to "$folder/data"),
          more = listOf(counted),
        )
      (ended.exit to ended.err.takeIf { ended.exit != 0 }) shouldBe (0 to null)
      counted.opened.sorted() shouldContainExactly listOf(Split.TRAIN, Split.TEST)
      counted.read.getValue(Split.TRAIN) shouldContainExactly (0 until 40).toList()
      counted.read.getValue(Split.TEST) shouldContainExactly (0 until 10).toList()
      counted.closed shouldBe 2
    }
  })
