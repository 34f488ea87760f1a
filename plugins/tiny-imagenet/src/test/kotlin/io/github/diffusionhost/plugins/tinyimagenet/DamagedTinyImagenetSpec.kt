package io.github.diffusionhost.plugins.tinyimagenet

import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.testkit.ReaderChecks
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

private const val COPIES = 300

/** Whatever is in a file of the set, its reader throws its own error. */
@Tags("Slow")
class DamagedTinyImagenetSpec :
  FunSpec({
    extension(KeepWarnings)
    val root = tempdir().toPath()
    val own = listOf(IOException::class.java)

    fun opened(split: Split, copies: Int, what: String, sound: ByteArray, write: (Path, ByteArray) -> Unit) =
      ReaderChecks.onlyOwnErrors(what, sound, copies, own) { bytes ->
        val data = Files.createTempDirectory(root, "data")
        write(data, bytes)
        open(data, split = split).close()
        data.toFile().deleteRecursively()
      }

    for ((file, split) in mapOf("wnids.txt" to Split.TRAIN, "val/val_annotations.txt" to Split.TEST)) {
      test(file) {
        opened(split, COPIES, file, set.getValue(file)) { data, bytes -> data.tree(set + (file to bytes)) }
      }
    }

    test("the zip") {
      val zip = root.resolve("sound.zip").also { it.zip(set) }.readBytes()
      opened(Split.TRAIN, COPIES, "the zip", zip) { data, bytes -> data.resolve("$NAME.zip").writeBytes(bytes) }
    }
  })
