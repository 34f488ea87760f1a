package io.github.diffusionhost.engine.train

import io.github.diffusionhost.engine.log.Message
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.log.records
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes

/** What TensorBoard sees of a run: the same as the other files of the run. */
class RunEventsSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val values by lazy {
      TinyRun(folder, tinyOptions(10)).use { it.trainer.run { false } }
      val events = records(folder.listDirectoryEntries("events.out.tfevents.*").single().readBytes()).map(::Message)
      events.drop(1).map { it.varint(2) to it.message(5).message(1) }
    }

    test("the config as text, before the first step") {
      val (step, config) = values.first()
      step shouldBe 0
      config.text(1) shouldBe "config"
      config.message(8).text(8) shouldBe "```yaml\nname: tiny\n```\n"
    }

    test("every number of every line of metrics.jsonl") {
      val scalars = values.filter { 2 in it.second.fields }.groupBy({ it.first }, { it.second })
      val rows = MetricsLog.read(RunDirectory(folder).metrics())
      scalars.keys.toList() shouldContainExactly rows.map { it.step }
      for (row in rows) {
        scalars.getValue(row.step).associate { it.text(1) to it.float(2) } shouldContainExactly
          row.values.mapValues { it.value.toFloat() }
      }
    }

    test("every sample grid, and at the end that of the trained weights, too") {
      val directory = RunDirectory(folder)
      val images = values.filter { 4 in it.second.fields }
      images.map { it.first to it.second.text(1) } shouldContainExactly listOf(10L to "samples", 10L to "samples_model")
      val files = listOf(directory.samples(10), directory.trainedSamples(10)).map { it.readBytes().toList() }
      images.map { it.second.message(4).bytes(4).toList() } shouldContainExactly files
      (files[0] == files[1]) shouldBe false
    }
  })
