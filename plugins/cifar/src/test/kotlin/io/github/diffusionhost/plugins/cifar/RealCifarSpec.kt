package io.github.diffusionhost.plugins.cifar

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.image
import io.github.diffusionhost.engine.support.labels
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** The samples in the published layout, found in the data folder without a word about where they are. */
class RealCifarSpec :
  FunSpec({
    extension(KeepWarnings)

    val present: EnabledOrReasonIf = {
      if (realData != null) Enabled.enabled
      else
        Enabled.disabled("the samples of CIFAR are not in ../shared/data; DIFFUSIONHOST_SHARED names another 'shared'")
    }
    val classes = listOf("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

    test("CIFAR-10: 200 training and 50 test images of each class").config(enabledOrReasonIf = present) {
      for ((split, perClass) in listOf(Split.TRAIN to 200, Split.TEST to 50)) {
        open(realData!!, split = split).use { cifar ->
          cifar.classNames() shouldContainExactly classes
          cifar.labels().groupingBy { it }.eachCount().toSortedMap() shouldBe (0..9).associateWith { perClass }
        }
      }
    }

    test("CIFAR-10: pixels are the bytes of the file").config(enabledOrReasonIf = present) {
      val bytes = realData!!.resolve("cifar-10-batches-bin-sample/data_batch_1.bin").readBytes()
      open(realData!!).use { cifar ->
        for (i in listOf(0, 1, 999, 1999)) {
          cifar.label(i) shouldBe bytes[3073 * i].toInt()
          cifar.image(i) shouldContainExactly (1..3072).map { bytes[3073 * i + it].toInt() and 255 }
        }
      }
    }

    test("CIFAR-100: 100 classes in 20 groups of five").config(enabledOrReasonIf = present) {
      open(realData!!, "variant" to "cifar100").use { fine ->
        open(realData!!, "variant" to "cifar100", "labels" to "coarse").use { coarse ->
          fine.labels().groupingBy { it }.eachCount().toSortedMap() shouldBe (0..99).associateWith { 10 }
          fine.labels().zip(coarse.labels()).distinct().groupBy({ it.second }, { it.first }).values.map {
            it.size
          } shouldBe List(20) { 5 }
          fun names(group: String) =
            fine
              .labels()
              .zip(coarse.labels())
              .filter { coarse.classNames()[it.second] == group }
              .map { fine.classNames()[it.first] }
              .distinct()
              .sorted()
          // Krizhevsky's table of superclasses.
          names("trees") shouldContainExactly listOf("maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree")
          names("people") shouldContainExactly listOf("baby", "boy", "girl", "man", "woman")
        }
      }
      open(realData!!, "variant" to "cifar100", split = Split.TEST).use { it.size() shouldBe 300 }
    }

    test("packed as published they read the same").config(enabledOrReasonIf = present) {
      val data = tempdir().toPath()
      val files =
        realData!!.resolve("cifar-10-batches-bin-sample").listDirectoryEntries().associate { it.name to it.readBytes() }
      data.resolve("cifar-10-binary.tar.gz").writeBytes(gzip(tar(files, "cifar-10-batches-bin")))
      open(data).use { packed ->
        open(realData!!).use { plain ->
          packed.labels() shouldContainExactly plain.labels()
          packed.image(1234) shouldContainExactly plain.image(1234)
        }
      }
    }
  })
