package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.plugins.mlflow.folder.FolderStore
import io.github.diffusionhost.plugins.mlflow.server.RefusedException
import io.github.diffusionhost.plugins.mlflow.store.RunKey
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.maps.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.appendText
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** What is written, read as MLflow's file_store.py reads it. */
class FolderStoreSpec :
  FunSpec({
    val base = tempdir().toPath()

    class Place {
      val folder: Path = createTempDirectory(base, "run")
      val root: Path = folder.resolve("mlruns")

      fun start(options: MlflowOptions = MlflowOptions.DEFAULTS, parameters: Map<String, String>? = null) =
        MlflowProvider(mapOf("MLFLOW_TRACKING_URI" to "$root"))
          .start(options, if (parameters == null) playedRun(folder) else playedRun(folder, parameters, true))

      fun read() = ReadStore(root)
    }

    test("a run is in its experiment, beside the default one that MLflow looks for") {
      val place = Place()
      place.start()
      val store = place.read()
      store.experiments().mapValues { it.value["name"] }.values.toSet() shouldBe setOf("Default", "diffusion-host")
      store.experiments().getValue("0")["artifact_location"] shouldBe "file://${place.root}/0"
      val run = store.runs("diffusion-host").single()
      run.meta["status"] shouldBe 1
      run.meta["end_time"] shouldBe null
      run.meta["lifecycle_stage"] shouldBe "active"
      run.meta["run_id"] shouldBe run.id
      run.meta["run_uuid"] shouldBe run.id
      run.meta["source_type"] shouldBe 4
      run.meta["tags"] shouldBe emptyList<Any>()
      run.meta["run_name"] shouldBe "tiny"
      run.parameters() shouldBe mapOf("train.steps" to "20", "train.ema.0.decay" to "0.99")
      run.tags() shouldContain ("mlflow.runName" to "tiny")
      run.tags() shouldContain ("mlflow.source.git.commit" to "4f5e1c8a")
      run.tags() shouldContain ("host" to "0.1.0")
    }

    test("every number of every row is there with its time and step, NaN and infinities among them") {
      val place = Place()
      val tracker = place.start()
      tracker.log(listOf(row(5, "train/loss" to 0.25, "loss_by_level/0.0-0.1" to 1e-7)))
      tracker.log(listOf(row(10, "train/loss" to Double.NaN), row(15, "train/loss" to Double.POSITIVE_INFINITY)))
      val run = place.read().runs("diffusion-host").single()
      run.metric("train/loss") shouldBe
        listOf(
          ReadPoint(1_700_000_000_005, 0.25, 5),
          ReadPoint(1_700_000_000_010, Double.NaN, 10),
          ReadPoint(1_700_000_000_015, Double.POSITIVE_INFINITY, 15),
        )
      run.metric("loss_by_level/0.0-0.1") shouldBe listOf(ReadPoint(1_700_000_000_005, 1e-7, 5))
      run.metric("images").map { it.value } shouldBe listOf(80.0, 160.0, 240.0)
      run.metric("seconds").map { it.value } shouldBe listOf(2.5, 5.0, 7.5)
    }

    test("a name that is no name of MLflow's becomes one") {
      val place = Place()
      place.start().log(listOf(row(1, "fid@50k: a\\b" to 1.0, "../x//y/." to 2.0)))
      val run = place.read().runs("diffusion-host").single()
      run.metric("fid_50k_ a_b").single().value shouldBe 1.0
      run.metric("__/x/_/y/_").single().value shouldBe 2.0
    }

    test("a name that begins another one gets along with it, again when the run is resumed") {
      val place = Place()
      repeat(2) {
        val tracker = place.start()
        tracker.log(listOf(row(1, "fid" to 1.0, "fid/std" to 2.0, "kid/a/b" to 3.0, "kid/a" to 4.0, "kid" to 5.0)))
      }
      val run = place.read().runs("diffusion-host").single()
      for ((name, value) in mapOf("fid" to 1.0, "fid_std" to 2.0, "kid/a/b" to 3.0, "kid/a_" to 4.0, "kid_" to 5.0)) {
        run.metric(name).map { it.value } shouldBe listOf(value, value)
      }
    }

    test("files lie where the run's artifact_uri says, unless they are not wanted") {
      val place = Place()
      val grid = place.folder.resolve("grid.png").also { it.writeText("a picture") }
      place.start().artifact(grid, "samples/step 1.png")
      val run = place.read().runs("diffusion-host").single()
      run.artifact("samples/step 1.png") shouldBe "a picture"
      val bare = Place()
      bare.start(MlflowOptions(null, "x", "named", false, 10)).artifact(grid, "grid.png")
      val other = bare.read().runs("x").single()
      other.meta["run_name"] shouldBe "named"
      other.folder.resolve("artifacts/grid.png").exists() shouldBe false
    }

    for ((outcome, status) in
      listOf(RunEnd.Outcome.FINISHED to 3, RunEnd.Outcome.FAILED to 4, RunEnd.Outcome.INTERRUPTED to 5)) {
      test("a run that is ${outcome.name.lowercase()} has MLflow's status $status and the time") {
        val place = Place()
        val before = System.currentTimeMillis()
        place.start().ended(RunEnd(outcome, "why".takeIf { status == 4 }))
        val run = place.read().runs("diffusion-host").single()
        run.meta["status"] shouldBe status
        (run.meta["end_time"] as Long >= before) shouldBe true
        run.tags()["last_failure"] shouldBe "why".takeIf { status == 4 }
      }
    }

    test("a run that is resumed goes on as the same run; what changed is a tag, for parameters never change") {
      val place = Place()
      val first = place.start()
      first.log(listOf(row(5, "train/loss" to 0.5), row(10, "train/loss" to 0.25)))
      first.ended(RunEnd(RunEnd.Outcome.INTERRUPTED, null))
      val second = place.start(parameters = mapOf("train.steps" to "40", "train.ema.0.decay" to "0.99", "new" to "1"))
      place.read().runs("diffusion-host").single().meta["status"] shouldBe 1
      second.log(listOf(row(10, "train/loss" to 0.25)))
      second.ended(RunEnd(RunEnd.Outcome.FINISHED, null))
      val run = place.read().runs("diffusion-host").single()
      run.meta["status"] shouldBe 3
      run.parameters() shouldBe mapOf("train.steps" to "20", "train.ema.0.decay" to "0.99", "new" to "1")
      run.tags()["changed.train.steps"] shouldBe "40"
      run.tags().keys.filter { it.startsWith("changed.") } shouldBe listOf("changed.train.steps")
      run.metric("train/loss").map { it.step } shouldBe listOf(5L, 10L, 10L)
    }

    test(
      "a run that goes on after a kill has the numbers of its own log: added, changed, forgotten, a torn line, too"
    ) {
      val place = Place()
      val rows = (1..8L).map { row(it, "train/loss" to 1.0 / it) }
      val first = place.start()
      first.log(rows.take(3) + rows.drop(4).take(2)) // 4 was queued, 5 and 6 are after the checkpoint
      first.log(listOf(row(6, "metrics/fid" to 3.0), row(2, "metrics/kid" to 4.0)))
      val run = place.read().runs("diffusion-host").single()
      run.folder.resolve("metrics/train/loss").appendText("1700000000007 0.1")
      val second = place.start()
      second.replay(rows.take(4) + row(2, "metrics/kid" to 4.0), mapOf())
      run.metric("train/loss") shouldBe (1..4L).map { ReadPoint(1_700_000_000_000 + it, 1.0 / it, it) }
      run.metric("metrics/kid").map { it.step } shouldBe listOf(2L)
      run.folder.resolve("metrics/metrics/fid").exists() shouldBe false
      second.log(rows.drop(4))
      run.metric("train/loss").map { it.step } shouldBe (1..8L).toList()
      place.read().runs("diffusion-host").size shouldBe 1
    }

    test("pictures that a killed process had not handed over are there when the run goes on") {
      val place = Place()
      val grid = place.folder.resolve("grid.png").also { it.writeText("a picture") }
      place.start().artifact(grid, "samples/step-000001.png")
      grid.writeText("another")
      place.start().replay(listOf(), (1..2).associate { "samples/step-00000$it.png" to grid })
      val run = place.read().runs("diffusion-host").single()
      run.artifact("samples/step-000001.png") shouldBe "a picture"
      run.artifact("samples/step-000002.png") shouldBe "another"
    }

    test("a process killed before its run is there leaves a key to nothing, and the run is made once") {
      val place = Place()
      place.start()
      val id = place.read().runs("diffusion-host").single().id
      place.read().runs("diffusion-host").single().folder.toFile().deleteRecursively()
      place.folder.resolve("tracker-mlflow.json").readText() shouldContain id
      place.start()
      place.start()
      place.read().runs("diffusion-host").size shouldBe 1
    }

    test("a run appears whole, after its key is kept") {
      val place = Place()
      var seen: Any? = null
      FolderStore(place.root).create("x", "named") { key ->
        seen = place.root.resolve(key.experiment()).listDirectoryEntries().map { it.name }
      }
      seen shouldBe listOf("meta.yaml")
      shouldThrow<IOException> { FolderStore(place.root).create("x", "named") { throw IOException("killed") } }
      place.read().runs("x").size shouldBe 1
    }

    test("a run that somebody has deleted in MLflow, or removed, is a new one when it is resumed") {
      val place = Place()
      place.start()
      val run = place.read().runs("diffusion-host").single()
      val meta = run.folder.resolve("meta.yaml")
      meta.writeText(meta.readText().replace("\"active\"", "deleted"))
      place.start()
      place.read().runs("diffusion-host").size shouldBe 2
      run.folder.toFile().deleteRecursively()
      place.folder.resolve("tracker-mlflow.json").deleteIfExists()
      place.start()
      place.read().runs("diffusion-host").size shouldBe 2
    }

    test("an experiment that MLflow wrote is found by its name, however it is quoted, and its files' place is kept") {
      val place = Place()
      val there = place.root.resolve("123").createDirectories()
      there
        .resolve("meta.yaml")
        .writeText(
          "artifact_location: file://${place.folder}/elsewhere%20there\ncreation_time: 1\nexperiment_id: '123'\n" +
            "last_update_time: 1\nlifecycle_stage: active\nname: 'it''s: \"new\"'\n"
        )
      val tracker = place.start(MlflowOptions(null, "it's: \"new\"", null, true, 10))
      tracker.artifact(there.resolve("meta.yaml"), "meta.yaml")
      val run = place.read().runs("it's: \"new\"").single()
      run.meta["experiment_id"] shouldBe "123"
      place.folder.resolve("elsewhere there/${run.id}/artifacts/meta.yaml").exists() shouldBe true
      place.read().experiments().keys shouldBe setOf("123")
    }

    test("files of an experiment that are kept in no folder are refused with what to do") {
      val place = Place()
      place.root
        .resolve("9")
        .createDirectories()
        .resolve("meta.yaml")
        .writeText("artifact_location: s3://bucket/x\nexperiment_id: '9'\nlifecycle_stage: active\nname: far\n")
      val tracker = place.start(MlflowOptions(null, "far", null, true, 10))
      shouldThrow<RefusedException> { tracker.artifact(place.folder, "x") }.message shouldContain
        "set artifacts: false, or give another experiment"
    }

    test("an experiment in the trash is refused with what to do") {
      val place = Place()
      place.start()
      place.root.resolve(".trash").createDirectories()
      val id = place.read().experiments().entries.single { it.value["name"] == "diffusion-host" }.key
      place.root.resolve(id).toFile().renameTo(place.root.resolve(".trash/$id").toFile()) shouldBe true
      place.folder.resolve("tracker-mlflow.json").deleteIfExists()
      shouldThrow<RefusedException> { place.start() }.message shouldContain "is deleted; restore it"
    }

    test("long values are cut to what every MLflow takes") {
      val place = Place()
      place.start(parameters = mapOf("betas" to "0".repeat(900), "e" to "😀".repeat(300)))
      val parameters = place.read().runs("diffusion-host").single().parameters()
      parameters.getValue("betas") shouldBe "0".repeat(499) + "…"
      parameters.getValue("e") shouldBe "😀".repeat(249) + "…"
    }

    test("a folder that is a file is an error that names it, and may be mended meanwhile") {
      val place = Place()
      place.root.writeText("no folder")
      shouldThrow<IOException> { place.start() }.message!! shouldContain "${place.root}"
      place.root.deleteIfExists()
      place.start()
      place.read().runs("diffusion-host").size shouldBe 1
    }

    test("a state file that somebody else wrote is refused with what to do") {
      val place = Place()
      place.folder.resolve("tracker-mlflow.json").writeText("[]")
      shouldThrow<IllegalArgumentException> { place.start() }.message shouldContain "remove it"
    }

    test("a run that was recorded elsewhere before is a new run here") {
      val place = Place()
      RunKey("http://localhost:1", "1", "abc").write(place.folder.resolve("tracker-mlflow.json"))
      place.start()
      place.read().runs("diffusion-host").single().id shouldNotBe "abc"
    }

    test("names that YAML takes for numbers or truth values stay texts") {
      val place = Place()
      for (name in listOf("1e3", "no", "0x10", "null", "~", "a: b # c", "é\u2028\"\\")) {
        place.folder.resolve("tracker-mlflow.json").deleteIfExists()
        place.start(MlflowOptions(null, name, name, true, 10))
        place.read().runs(name).map { it.meta["run_name"] } shouldContain name
      }
    }
  })
