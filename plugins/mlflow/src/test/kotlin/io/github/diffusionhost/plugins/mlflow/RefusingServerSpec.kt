package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.plugins.mlflow.server.PlayedServer
import io.github.diffusionhost.plugins.mlflow.server.RefusedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.maps.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.io.InterruptedIOException
import java.net.ServerSocket
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** A server that refuses, fails or does not answer. */
class RefusingServerSpec :
  ServerSpec({
    test("credentials go with every call, and a server that wants some says which variables to set") {
      server { server ->
        start(server.uri, environment = mapOf("MLFLOW_TRACKING_TOKEN" to "abc"))
        server.authorizations.distinct() shouldBe listOf("Bearer abc")
        server.instead = { PlayedServer.Answer(401, "") }
        val refused = shouldThrow<RefusedException> { start(server.uri) }
        refused.message shouldContain "answers 401, nobody is named; set MLFLOW_TRACKING_USERNAME and"
        val wrong =
          shouldThrow<RefusedException> { start(server.uri, environment = mapOf("MLFLOW_TRACKING_TOKEN" to "sesame")) }
        wrong.message shouldContain "the credentials are not taken; set MLFLOW_TRACKING"
        wrong.message!! shouldNotContain "sesame"
      }
    }

    test("what may work later is an I/O error: 500, 429, no connection, no such host") {
      server { server ->
        for (status in listOf(500, 502, 503, 429, 408)) {
          server.instead = { PlayedServer.Answer(status, "<html>\n  not   now</html>") }
          shouldThrow<IOException> { start(server.uri) }.message shouldContain "answers $status: <html> not now</html>"
        }
      }
      val closed = ServerSocket(0).use { it.localPort }
      shouldThrow<IOException> { start("http://127.0.0.1:$closed") }.message shouldContain
        "the MLflow server at http://127.0.0.1:$closed cannot be reached: no connection; is it running, and is uri right?"
      shouldThrow<IOException> { start("http://nobody.invalid") }.message shouldContain "its name is not known"
    }

    test("what never works is a refusal that says what is wrong") {
      server { server ->
        val answers =
          mapOf(
            PlayedServer.Answer(404, "<html>nothing</html>") to "answers 404: <html>nothing</html>",
            PlayedServer.Answer(200, "<html>hello</html>") to "is no MLflow server: <html>hello</html>",
            PlayedServer.Answer(302, "") to "it is at another address; give that as uri",
            PlayedServer.Answer(400, """{"error_code": "X", "message": "no good"}""") to "answers 400: no good",
          )
        for ((answer, message) in answers) {
          server.instead = { answer }
          shouldThrow<RefusedException> { start(server.uri) }.message shouldContain message
        }
      }
    }

    test("a deleted experiment is refused with what to do") {
      server { server ->
        server.experiment = "digits & more"
        server.experimentStage = "deleted"
        shouldThrow<RefusedException> { start(server.uri) }.message shouldContain
          "the experiment digits & more is deleted on ${server.uri}; restore it"
      }
    }

    test("an experiment that somebody else makes at the same moment is taken") {
      server { server ->
        server.instead = {
          if (it.endsWith("experiments/create")) {
            server.experiment = "digits & more"
            PlayedServer.Answer(400, """{"error_code": "RESOURCE_ALREADY_EXISTS", "message": "there"}""")
          } else null
        }
        start(server.uri)
        server.runs shouldBe 1
      }
    }

    test("a server that does not answer in time is an I/O error, and one that is waited for can be interrupted") {
      server { server ->
        val hold = CountDownLatch(1)
        server.instead = {
          hold.await()
          null
        }
        val began = System.nanoTime()
        shouldThrow<IOException> { start(server.uri, seconds = 1) }.message shouldContain "has not answered within 1 s"
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) shouldBeLessThan 8
        var thrown: Exception? = null
        val waiting = thread {
          try {
            start(server.uri, seconds = 600)
          } catch (e: InterruptedIOException) {
            thrown = e
          }
        }
        while (server.calls.size < 2) Thread.sleep(5)
        waiting.interrupt()
        waiting.join(5_000)
        waiting.isAlive shouldBe false
        thrown!!.message shouldContain "was not waited for"
        hold.countDown()
      }
    }
  })
