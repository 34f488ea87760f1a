package io.github.diffusionhost.plugins.mlflow.folder

import io.github.diffusionhost.testkit.ReaderChecks
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.io.IOException
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** Whatever is in a `meta.yaml`, its reader throws its own error. */
class DamagedMetaSpec :
  FunSpec({
    test("meta.yaml") {
      val folder = tempdir().toPath()
      val values = linkedMapOf<String, Any?>("artifact_uri" to "file:///größe", "end_time" to null, "status" to 1)
      MetaFile.write(folder, values)
      val file = folder.resolve(MetaFile.NAME)
      ReaderChecks.onlyOwnErrors("meta.yaml", file.readBytes(), 1000, listOf(IOException::class.java)) {
        file.writeBytes(it)
        MetaFile.text(MetaFile.read(folder), "artifact_uri")
      }
    }
  })
