package io.github.diffusionhost.engine.train

import io.github.diffusionhost.engine.log.Message
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.log.records
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes

/** TensorBoard's file of a run that is cut off and gone on with says what the run's other files say, once. */
class ResumedEventsSpec :
  FunSpec({
    val base = tempdir().toPath()

    fun values(folder: Path) =
      records(folder.listDirectoryEntries("events.out.tfevents.*").single().readBytes())
        .map(::Message)
        .filter { 5 in it.fields }
        .map { it.varint(2) to it.message(5).message(1) }

    fun Path.shouldAgree() {
      val scalars = values(this).filter { 2 in it.second.fields }
      val logged = scalars.filterNot { it.second.text(1).startsWith("metrics/") }
      logged.map { Triple(it.first, it.second.text(1), it.second.float(2)) } shouldBe
        MetricsLog.read(RunDirectory(this).metrics()).flatMap { row ->
          row.values.map { (name, value) -> Triple(row.step, name, value.toFloat()) }
        }
      values(this).count { it.second.text(1) == "config" } shouldBe 1
    }

    test("cut off before the first checkpoint: the steps that are done again are there once") {
      val folder = createTempDirectory(base, "early")
      TinyRun(folder, tinyOptions(10)).use { run ->
        try {
          run.trainer.run { if (run.trainer.done() == 4L) error("cut off") else false }
        } catch (_: IllegalStateException) {}
      }
      folder.shouldAgree()
      TinyRun(folder, tinyOptions(10)).use { run ->
        run.trainer.resume()
        run.trainer.run { false }
      }
      folder.shouldAgree()
    }

    test("cut off between the evaluation's own file and TensorBoard's: the evaluation is there") {
      val folder = createTempDirectory(base, "evaluated")
      TinyRun(folder, tinyOptions(10)).use { run -> run.trainer.run { run.trainer.done() == 4L } }
      val found = mapOf(2L to mapOf("fid" to 0.5), 4L to mapOf("fid" to 0.25, "kid/std" to Double.NaN))
      val kept =
        object : Evaluations by Evaluations.NONE {
          override fun found() = found
        }
      TinyRun(folder, tinyOptions(10), evaluations = kept).use { run ->
        run.trainer.resume()
        run.trainer.run { false }
      }
      folder.shouldAgree()
      val metrics = values(folder).filter { it.second.text(1).startsWith("metrics/") }
      metrics.map { Triple(it.first, it.second.text(1), it.second.float(2)) } shouldBe
        listOf(
          Triple(2L, "metrics/fid", 0.5f),
          Triple(4L, "metrics/fid", 0.25f),
          Triple(4L, "metrics/kid/std", Float.NaN),
        )
    }
  })
