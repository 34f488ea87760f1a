package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.run.host
import io.github.diffusionhost.app.track.RecordedRun
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

/** A training that a tracker records, stopped and gone on with. */
class StoppedTrackingSpec :
  FunSpec({
    val base = tempdir().toPath()
    val config = base.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }

    test("an interrupted run is killed to MLflow, and when it is resumed it goes on as the same run") {
      val store = base.resolve("stopped-store")
      val folder = base.resolve("stopped")
      val tracker = "tracker={use: mlflow, uri: $store}"
      val set = arrayOf("--set", tracker, "--set", "train.steps=100000")
      val process = HostProcess("run", "--config", "$config", "--run-dir", "$folder", *set)
      process.awaitOutput("step ")
      process.signal("INT")
      process.finish().exit shouldBe 130
      val stopped = RecordedRun(store)
      stopped.status shouldBe 5
      val steps = MetricsLog.read(RunDirectory(folder).metrics()).map { it.step }
      steps.shouldNotBeEmpty()
      stopped.metric("train/loss").keys shouldBe steps.toSet()
      val end = steps.max() + 12
      host("run", "--resume", "$folder", "--set", "train.steps=$end").let { it.exit to it.err } shouldBe (0 to "")
      val finished = RecordedRun(store)
      finished.folder shouldBe stopped.folder
      finished.status shouldBe 3
      finished.text("params/train.steps") shouldBe "100000"
      finished.text("tags/changed.train.steps") shouldBe "$end"
      val all = MetricsLog.read(RunDirectory(folder).metrics())
      all.map { it.step } shouldContainAll listOf(end)
      finished.metric("train/loss") shouldBe all.associate { it.step to it.values.getValue("train/loss") }
    }
  })
