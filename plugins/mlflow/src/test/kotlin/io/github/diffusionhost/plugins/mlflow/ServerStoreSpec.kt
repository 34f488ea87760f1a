package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.plugins.mlflow.server.PlayedServer
import io.github.diffusionhost.plugins.mlflow.server.RefusedException
import io.github.diffusionhost.plugins.mlflow.store.RunKey
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.maps.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.mlflow.api.proto.Service.RunStatus

/** Runs on a server: what it is told, and that a run which goes on is the same one. */
@Tags("Slow")
class ServerStoreSpec :
  ServerSpec({
    test("a run is made in its experiment, which is made, too, with its parameters and tags") {
      server { server ->
        start(server.uri, parameters = (1..250).associate { "option.$it" to "$it" })
        server.experiment shouldBe "digits & more"
        server.runName shouldBe "a run"
        server.status shouldBe RunStatus.RUNNING
        server.parameters.size shouldBe 250
        server.tags shouldContain ("mlflow.runName" to "a run")
        server.tags shouldContain ("mlflow.source.git.commit" to "4f5e1c8a")
        server.calls.count { it.endsWith("runs/log-batch") } shouldBe 4
        start(server.uri)
        server.calls.count { it.endsWith("experiments/create") } shouldBe 1
      }
    }

    test("numbers come with time and step, in batches that the server takes; NaN and infinities, too") {
      server { server ->
        val tracker = start(server.uri)
        val many = (1..60L).map { step -> row(step, *Array(38) { "level/$it" to step + it / 100.0 }) }
        tracker.log(many)
        server.metrics.size shouldBe 60 * 40
        val one = server.metrics.single { it.key == "level/7" && it.step == 30L }
        (one.value to one.timestamp) shouldBe (30.07 to 1_700_000_000_030)
        server.metrics.single { it.key == "images" && it.step == 60L }.value shouldBe 960.0
        tracker.log(listOf(row(61, "a" to Double.NaN, "b" to Double.NEGATIVE_INFINITY, "c@d" to 1e-300)))
        server.metrics.single { it.key == "a" }.value.isNaN() shouldBe true
        server.metrics.single { it.key == "b" }.value shouldBe Double.NEGATIVE_INFINITY
        server.metrics.single { it.key == "c_d" }.value shouldBe 1e-300
      }
    }

    for ((root, path) in
      mapOf(
        "mlflow-artifacts:/7/abc/artifacts" to "7/abc/artifacts",
        "SERVER/api/2.0/mlflow-artifacts/artifacts/deep" to "deep",
      )) {
      test("files go through the server to $root") {
        server(root) { server ->
          val file = folder().resolve("grid.png").also { it.writeText("a picture") }
          start(server.uri).artifact(file, "samples/step 1#.png")
          server.artifacts shouldBe mapOf("$path/samples/step 1#.png" to "a picture")
        }
      }
    }

    test("files that the server wants elsewhere are refused with what to do") {
      server("s3://bucket/7/abc") { server ->
        shouldThrow<RefusedException> { start(server.uri).artifact(base, "x") }.message shouldContain
          "start it with --serve-artifacts, or set artifacts: false"
      }
    }

    for ((outcome, status) in
      mapOf(
        RunEnd.Outcome.FINISHED to RunStatus.FINISHED,
        RunEnd.Outcome.FAILED to RunStatus.FAILED,
        RunEnd.Outcome.INTERRUPTED to RunStatus.KILLED,
      )) {
      test("a run that is ${outcome.name.lowercase()} is $status to the server") {
        server { server ->
          start(server.uri)
            .ended(RunEnd(outcome, "step 3: the loss is not finite".takeIf { status == RunStatus.FAILED }))
          server.status shouldBe status
          (server.endTime > 1_700_000_000_000) shouldBe true
          server.tags["last_failure"] shouldBe "step 3: the loss is not finite".takeIf { status == RunStatus.FAILED }
        }
      }
    }

    test("a run that is resumed goes on as the same run; what changed is a tag, for parameters never change") {
      server { server ->
        val folder = folder()
        start(server.uri, folder).ended(RunEnd(RunEnd.Outcome.INTERRUPTED, null))
        start(server.uri, folder, mapOf("train.steps" to "40", "new" to "1"))
        server.runs shouldBe 1
        server.status shouldBe RunStatus.RUNNING
        server.endTime shouldBe 0
        server.parameters shouldBe mapOf("train.steps" to "20", "new" to "1")
        server.tags["changed.train.steps"] shouldBe "40"
        server.deleted = true
        server.parameters.clear()
        start(server.uri, folder)
        server.runs shouldBe 2
      }
    }

    test("a run that was made and not heard of, by a process that was killed, or for want of an answer, is made once") {
      server { server ->
        val folder = folder()
        server.instead = {
          if (it.endsWith("runs/create")) {
            server.instead = { call -> if (call.endsWith("runs/create")) null else PlayedServer.Answer(503, "busy") }
            null
          } else null
        }
        // The run is there; what comes after it does not get through, and its id is forgotten.
        shouldThrow<IOException> { start(server.uri, folder) }
        val token = server.tags.getValue("diffusionhost.token")
        RunKey(server.uri, "7", "asked-for:$token").write(folder.resolve("tracker-mlflow.json"))
        server.instead = { null }
        start(server.uri, folder)
        server.runs shouldBe 1
        folder.resolve("tracker-mlflow.json").readText() shouldContain "\"r1\""
        RunKey(server.uri, "7", "asked-for:never-made").write(folder.resolve("tracker-mlflow.json"))
        server.calls.clear()
        start(server.uri, folder)
        server.runs shouldBe 2
      }
    }

    test("a run that goes on after a kill has every number once: what was lost is added, what is done again is not") {
      server { server ->
        val folder = folder()
        val loss = (1..8L).map { row(it, "train/loss" to 1.0 / it, "zero" to 0.0) }
        start(server.uri, folder)
          .log(loss.take(3) + loss.drop(4).take(2)) // 4 was queued, 5 and 6 are after the checkpoint
        val resumed = start(server.uri, folder)
        resumed.replay(loss.take(4), mapOf())
        resumed.log(loss.drop(4))
        for ((name, values) in mapOf("train/loss" to { s: Long -> 1.0 / s }, "zero" to { _ -> 0.0 })) {
          val points = server.metrics.filter { it.key == name }
          points.map { it.step }.sorted() shouldBe (1..8L).toList()
          points.forEach { it.value shouldBe values(it.step) }
        }
      }
    }

    test("pictures that a killed process had not handed over are, when the run goes on, and no others") {
      server { server ->
        val folder = folder()
        val grid = folder.resolve("grid.png").also { it.writeText("a picture") }
        start(server.uri, folder).artifact(grid, "samples/step-000001.png")
        val names = (1..3).map { "samples/step-00000$it.png" }
        server.calls.clear()
        start(server.uri, folder).replay(listOf(), names.associateWith { grid })
        server.artifacts.keys.toList() shouldBe names.map { "7/abc/artifacts/$it" }
        server.calls.count { it.startsWith("PUT") } shouldBe 2
      }
    }

    test("a start that fails half-way goes on with the same run when it is tried again") {
      server { server ->
        val folder = folder()
        server.instead = { if (it.endsWith("log-batch")) PlayedServer.Answer(503, "busy") else null }
        shouldThrow<IOException> { start(server.uri, folder) }.message shouldContain "answers 503: busy"
        server.instead = { null }
        start(server.uri, folder)
        server.runs shouldBe 1
        server.tags shouldContain ("host" to "0.1.0")
      }
    }

    test("the run's id is kept in its folder") {
      server { server ->
        val folder = folder()
        start(server.uri, folder)
        folder.resolve("tracker-mlflow.json").exists() shouldBe true
        server.calls shouldContain "POST /api/2.0/mlflow/runs/create"
      }
    }
  })
