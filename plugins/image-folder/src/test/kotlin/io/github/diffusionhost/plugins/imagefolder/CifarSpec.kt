package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.labels
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.math.abs

/** The 60,000 JPEGs of CIFAR-10 in one zip, against records that another decoder made of some of them. */
@Tags("Slow")
class CifarSpec :
  FunSpec({
    val zip: Path = shared.resolve("data/cifar10-jpg/cifar10-jpg.zip")
    val records: Path = shared.resolve("data/cifar-10-batches-bin-sample/data_batch_1.bin")
    val present: EnabledOrReasonIf = {
      if (exists(zip) && exists(records)) Enabled.enabled
      else Enabled.disabled("CIFAR-10 is not in ../shared/data; DIFFUSIONHOST_SHARED names another 'shared'")
    }
    val classes = listOf("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

    test("the splits have 50,000 and 10,000 images of ten classes").config(enabledOrReasonIf = present) {
      for ((split, perClass) in listOf(Split.TRAIN to 5_000, Split.TEST to 1_000)) {
        open(zip, split = split).use { cifar ->
          cifar.shape() shouldBe ImageShape(3, 32, 32)
          cifar.classNames() shouldContainExactly classes
          cifar.labels() shouldContainExactly List(10 * perClass) { it / perClass }
        }
      }
    }

    test("images are those that another decoder made of the same files").config(enabledOrReasonIf = present) {
      // 30 records of the first class; the records come from the training files in an order of their own.
      val wanted =
        records
          .readBytes()
          .asList()
          .chunked(3073)
          .filter { it[0].toInt() == 0 }
          .take(30)
          .map { it.drop(1).toByteArray() }
      val nearest = IntArray(wanted.size) { Int.MAX_VALUE }
      open(zip).use { cifar ->
        val image = ByteArray(3072)
        for (i in 0 until 5_000) {
          cifar.read(i, image, 0)
          for ((w, record) in wanted.withIndex()) nearest[w] =
            minOf(nearest[w], farthestPixel(image, record, nearest[w]))
        }
      }
      // Decoders may differ by a few grey levels in single pixels; another image differs by a hundred.
      for (difference in nearest) difference shouldBeLessThanOrEqual 4
    }

    test("all 60,000 images are read").config(enabledOrReasonIf = present) {
      val started = System.nanoTime()
      var read = 0
      for (split in Split.entries) {
        open(zip, split = split).use { cifar ->
          val image = ByteArray(3072)
          for (i in 0 until cifar.size()) {
            image.fill(0)
            cifar.read(i, image, 0)
            if (image.any { it.toInt() != 0 }) read++
          }
        }
      }
      println("read 60,000 JPEGs in ${(System.nanoTime() - started) / 1_000_000} ms")
      read shouldBe 60_000
    }
  })

/** The largest difference of a pixel, or [enough] as soon as it is that large. */
private fun farthestPixel(a: ByteArray, b: ByteArray, enough: Int): Int {
  var largest = 0
  for (i in a.indices) {
    largest = maxOf(largest, abs((a[i].toInt() and 255) - (b[i].toInt() and 255)))
    if (largest >= enough) return enough
  }
  return largest
}
