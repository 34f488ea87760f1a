package io.github.diffusionhost.plugins.cifar

import io.github.diffusionhost.testkit.ReaderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.io.IOException
import kotlin.io.path.writeBytes

private const val COPIES = 300

/** Whatever is in a file, its reader throws its own error. */
class DamagedCifarSpec :
  FunSpec({
    extension(KeepWarnings)
    val own = listOf(IOException::class.java)

    for (file in listOf("data_batch_2.bin", "batches.meta.txt")) {
      val data = tempdir().toPath().tree(sample10)
      test(file) {
        ReaderChecks.onlyOwnErrors(file, sample10.getValue(file), COPIES, own) {
          data.tree(mapOf(file to it))
          open(data, "variant" to "cifar10").close()
        }
      }
    }

    test("a tar archive, and a gzipped one") {
      val archive = tempdir().toPath().resolve("cifar-10-binary.tar.gz")
      val sound = tar(sample10, "cifar-10-batches-bin")
      fun read(content: ByteArray) {
        archive.writeBytes(content)
        open(archive.parent, "variant" to "cifar10", "path" to archive).close()
      }
      ReaderChecks.onlyOwnErrors("tar", sound, COPIES, own) { read(gzip(it)) }
      ReaderChecks.onlyOwnErrors("tar.gz", gzip(sound), COPIES, own) { read(it) }
    }
  })
