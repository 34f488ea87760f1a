package io.github.diffusionhost.it

import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.engine.log.Message
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.log.records
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readLines
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

/** Of the time that things took. */
private fun isTiming(name: String) = name == "seconds" || name == "train/images_per_second"

/** Everything of a finished run that must not depend on interruptions. */
class Left(private val folder: Path) {
  private val directory = RunDirectory(folder)

  private val last = directory.checkpoints().listDirectoryEntries("step-*").max()

  /**
   * Weights, averages, the optimizer's state, snapshots and pictures, byte for byte. Of checkpoints the last: a run
   * that is stopped saves one more.
   */
  val files =
    folder
      .walk()
      .filter { it.isRegularFile() && (it.name.endsWith(".safetensors") || it.name.endsWith(".png")) }
      .filter { !it.startsWith(directory.checkpoints()) || it.startsWith(last) }
      .associate { "${it.relativeTo(folder)}" to it.readBytes().toList() }

  val losses = MetricsLog.read(directory.metrics()).map { row -> row.step to row.values.filterKeys { !isTiming(it) } }

  val evaluations = EvaluationFile(directory.evaluations()).all { error(it) }.map { it.copy(seconds = null) }
  val best = directory.checkpoints().resolve("best").readSymbolicLink()

  /** What TensorBoard reads: (step, tag) to numbers and pictures, in its order. */
  val events =
    records(folder.listDirectoryEntries("events.out.tfevents.*").single().readBytes())
      .map(::Message)
      .filter { 5 in it.fields }
      .map { (it.varint(2) to it.message(5).message(1)) }
      .filterNot { (_, value) -> isTiming(value.text(1)) }
      .map { (step, value) ->
        val content =
          if (2 in value.fields) value.float(2) else if (4 in value.fields) value.bytes(4).toList() else null
        Triple(step, value.text(1), content)
      }

  /** The scalars of [events] are the numbers of `metrics.jsonl` and `evaluations.jsonl`, each once. */
  fun eventsShouldEqualLogs() {
    val logged = losses.flatMap { (step, values) -> values.map { Triple(step, it.key, it.value.toFloat()) } }
    val found = evaluations.flatMap { record ->
      record.values.map { (name, value) ->
        val tag = if (name == record.metric) name else "${record.metric}/$name"
        Triple(record.step, "metrics/$tag", (value ?: Double.NaN).toFloat())
      }
    }
    events.filter { it.third is Float }.sortedBy { "$it" } shouldBe (logged + found).sortedBy { "$it" }
  }

  fun shouldEqual(other: Left) {
    losses shouldBe other.losses
    evaluations shouldBe other.evaluations
    best shouldBe other.best
    files.keys shouldBe other.files.keys
    files.filter { (name, bytes) -> bytes != other.files[name] }.keys shouldBe emptySet()
    events.sortedBy { "${it.first} ${it.second}" } shouldBe other.events.sortedBy { "${it.first} ${it.second}" }
  }

  /** Temporary files of ours; the lock's file stays in every run. */
  fun litter() = folder.walk().filter { it.name.startsWith(".") && it.name != ".lock" }.map { "$it" }.toList()
}

/** The one run of a folder of MLflow's, as far as it must not depend on interruptions. */
class LeftInMlflow(store: Path) {
  private val run =
    store.listDirectoryEntries().flatMap { it.listDirectoryEntries() }.single { Regex("[0-9a-f]{32}").matches(it.name) }

  val status = Regex("status: (\\d)").find(run.resolve("meta.yaml").readText())!!.groupValues[1].toInt()

  /** Steps and values by name, in the order of the file. */
  val metrics =
    files("metrics")
      .filterKeys { !isTiming(it) }
      .mapValues { (_, file) ->
        file.readLines().map { line -> line.split(" ").let { it[2].toLong() to it[1].toDouble() } }
      }

  val parameters = files("params").mapValues { it.value.readText() }
  val pictures =
    files("artifacts").filterKeys { it.endsWith(".png") }.mapValues { (_, file) -> file.readBytes().toList() }

  fun shouldEqual(other: LeftInMlflow) {
    status shouldBe other.status
    parameters shouldBe other.parameters
    metrics shouldBe other.metrics
    pictures shouldBe other.pictures
  }

  private fun files(part: String) =
    run.resolve(part).let { start ->
      start.walk().filter { it.isRegularFile() }.associateBy { "${it.relativeTo(start)}" }
    }
}
