package io.github.diffusionhost.app.track

import java.nio.file.Path
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

/** The one run of a folder of MLflow's. */
class RecordedRun(store: Path) {
  val folder =
    store
      .listDirectoryEntries()
      .flatMap { it.listDirectoryEntries("*") }
      .single { Regex("[0-9a-f]{32}").matches(it.name) }
  val status = Regex("status: (\\d)").find(folder.resolve("meta.yaml").readText())!!.groupValues[1].toInt()

  fun text(name: String) = folder.resolve(name).readText()

  /** Values by step. */
  fun metric(name: String) =
    folder.resolve("metrics/$name").readLines().associate {
      it.split(" ").let { (_, value, step) -> step.toLong() to value.toDouble() }
    }

  fun metrics() =
    folder.resolve("metrics").let { start ->
      start.walk().filter { it.isRegularFile() }.map { "${it.relativeTo(start)}" }.toSet()
    }
}
