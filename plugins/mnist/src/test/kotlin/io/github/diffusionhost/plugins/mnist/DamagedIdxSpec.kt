package io.github.diffusionhost.plugins.mnist

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.testkit.ReaderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.io.IOException
import java.nio.file.Files

private const val COPIES = 500

/** Whatever is in a file, its reader throws its own error. */
class DamagedIdxSpec :
  FunSpec({
    extension(KeepWarnings)
    val root = tempdir().toPath()
    val images = idxImages(ByteArray(6) { it.toByte() }, ByteArray(6) { (it + 6).toByte() })
    val labels = idxLabels(7, 2)
    val own = listOf(IOException::class.java)

    fun read(images: ByteArray, labels: ByteArray, ending: String) {
      val data = Files.createTempDirectory(root, "data")
      data.writeTraining(images, labels, "train-images-idx3-ubyte$ending", "train-labels-idx1-ubyte$ending")
      MnistProvider().open(MnistProvider().defaults(), PlayedFolder(data, Split.TRAIN)).close()
      data.toFile().deleteRecursively()
    }

    test("images") { ReaderChecks.onlyOwnErrors("IDX images", images, COPIES, own) { read(it, labels, "") } }

    test("labels") { ReaderChecks.onlyOwnErrors("IDX labels", labels, COPIES, own) { read(images, it, "") } }

    test("gzipped images") {
      val zipped = gzip(labels)
      ReaderChecks.onlyOwnErrors("IDX images, gzipped", gzip(images), COPIES, own) { read(it, zipped, ".gz") }
    }
  })
