package io.github.diffusionhost.plugins.mlflow

import java.net.URI
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import org.snakeyaml.engine.v2.api.Load
import org.snakeyaml.engine.v2.api.LoadSettings

/** Letters, digits and a few signs: `_VALID_PARAM_AND_METRIC_NAMES` of mlflow/utils/validation.py, version 2.9. */
private val NAME = Regex("[/\\w.\\- ]*")

data class ReadPoint(val time: Long, val value: Double, val step: Long)

/** A file store, read by the rules of mlflow/store/tracking/file_store.py: what it would refuse, this refuses. */
class ReadStore(private val root: Path) {
  fun experiments(): Map<String, Map<*, *>> =
    root
      .listDirectoryEntries()
      .filter { it.isDirectory() && it.name !in listOf(".trash", "models") }
      .associate { folder ->
        val meta = yaml(folder)
        check(meta["experiment_id"] == folder.name) { "the id of ${folder.name} is ${meta["experiment_id"]}" }
        check(meta["lifecycle_stage"] == "active")
        folder.name to meta
      }

  fun runs(experiment: String): List<ReadRun> {
    val id = experiments().entries.single { it.value["name"] == experiment }.key
    return root
      .resolve(id)
      .listDirectoryEntries()
      .filter { it.isDirectory() && it.name !in listOf("tags", "datasets", "traces") }
      .map { folder ->
        val meta = yaml(folder)
        check(meta["experiment_id"] == id)
        ReadRun(folder, meta)
      }
  }
}

class ReadRun(val folder: Path, val meta: Map<*, *>) {
  val id = folder.name

  fun parameters() = values("params")

  fun tags() = values("tags")

  fun metric(name: String): List<ReadPoint> =
    folder.resolve("metrics/$name").readLines().map { line ->
      val parts = line.trim().split(" ")
      check(parts.size == 3) { "a line of $name has ${parts.size} parts" }
      ReadPoint(parts[0].toLong(), parts[1].toDouble(), parts[2].toLong())
    }

  fun artifact(name: String): String = Path.of(URI(meta["artifact_uri"] as String)).resolve(name).readText()

  private fun values(part: String): Map<String, String> {
    val start = folder.resolve(part)
    check(start.exists())
    return start
      .walk()
      .filter { it.isRegularFile() }
      .associate { file ->
        val name = file.relativeTo(start).toString()
        check(NAME.matches(name)) { "$name is no name of MLflow's" }
        name to file.readText()
      }
  }
}

private fun yaml(folder: Path) =
  Load(LoadSettings.builder().build()).loadFromString(folder.resolve("meta.yaml").readText()) as Map<*, *>
