package io.github.diffusionhost.app.cli

import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.track.RecordedRun
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.ServerSocket
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Real trainings that MLflow's plugin records in a folder. */
@Tags("Slow")
class TrackingSpec :
  FunSpec({
    val base = tempdir().toPath()
    val config = base.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }

    fun run(name: String, uri: String, vararg more: String): Finished {
      val tracker = "tracker={use: mlflow, uri: \"$uri\", timeoutSeconds: 2}"
      return inProcess("run", "--config", "$config", "--run-dir", "$base/$name", "--set", tracker, *more)
    }

    test("a finished run is there with every number, its config, its grids and its report") {
      val store = base.resolve("store")
      val ended = run("whole", "$store", "--set", "train.steps=20")
      (ended.exit to ended.err) shouldBe (0 to "")
      val directory = RunDirectory(base.resolve("whole"))
      val recorded = RecordedRun(store)
      recorded.status shouldBe 3
      val rows = MetricsLog.read(directory.metrics())
      rows.map { it.step } shouldContainExactly listOf(4, 8, 12, 16, 20)
      recorded.metrics() shouldBe rows.flatMap { it.values.keys }.toSet() + setOf("images", "seconds")
      for (name in rows.flatMap { it.values.keys }.distinct()) {
        val logged = rows.filter { name in it.values }.associate { it.step to it.values.getValue(name) }
        recorded.metric(name) shouldBe logged
      }
      recorded.metric("images") shouldBe rows.associate { it.step to it.images.toDouble() }
      recorded.text("params/train.steps") shouldBe "20"
      recorded.text("params/model.patch") shouldBe "7"
      recorded.text("params/train.ema.0.use") shouldBe "ramp"
      recorded.folder.resolve("params").listDirectoryEntries("tracker*") shouldBe emptyList()
      recorded.text("tags/mlflow.runName") shouldBe "tiny"
      recorded.text("tags/plugin.dit") shouldBe "0.1.0"
      recorded.text("tags/device") shouldBe "cpu()"
      directory.config().readText() shouldContain "tracker:"
      // A checkpoint is used where there may be no such plugin.
      directory.checkpoints().resolve("step-000020/config.yaml").readText() shouldNotContain "tracker:"
      for (file in listOf("config.yaml", "manifest.json", "samples/step-000020.png", "report.html")) {
        recorded.folder.resolve("artifacts/$file").readBytes().size shouldBeGreaterThan 100
      }
      recorded.folder.resolve("artifacts/samples/step-000020.png").readBytes() shouldBe
        directory.samples(20).readBytes()
    }

    test("a run that fails says why") {
      val store = base.resolve("failed-store")
      run(
          "failed",
          "$store",
          "--set",
          "train.optimizer.lr=1e30",
          "--set",
          "train.lrSchedule={use: constant, warmupSteps: 0, from: 0}",
        )
        .exit shouldBe 1
      val recorded = RecordedRun(store)
      recorded.status shouldBe 4
      recorded.text("tags/last_failure") shouldContain "is not a finite number"
    }

    val closed = ServerSocket(0).use { it.localPort }
    val file = base.resolve("a-file").also { it.writeText("") }
    for ((what, uri, problem) in
      listOf(
        Triple("a folder that cannot be made", "$file/mlruns", "$file"),
        Triple("a server that is not there", "http://127.0.0.1:$closed", "cannot be reached: no connection"),
      )) {
      test("with $what the training ends well, with one warning and a line that says what is lost") {
        val name = what.replace(' ', '-')
        val ended = run(name, uri, "--set", "train.steps=8", "--set", "train.sampleEvery=0")
        ended.exit shouldBe 0
        val lines = ended.err.lines().filter { it.isNotBlank() }
        lines.size shouldBe 2
        lines[0] shouldContain "tracker mlflow: "
        lines[0] shouldContain problem
        lines[0] shouldContain "the training goes on, and this is tried again"
        lines[1] shouldContain "records are lost to it; the run's folder has them all"
        base.resolve("$name/report.html").exists() shouldBe true
      }
    }
  })
