package io.github.diffusionhost.engine.download

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.engine.files.Sha256
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.ServerSocket
import java.net.URI
import java.time.Duration
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.writeText

/** Another mirror helps, or a message that says all that was tried. */
@Tags("Slow")
class FaultyServerSpec :
  FunSpec({
    val downloads = Downloads(tempdir().toPath())
    afterSpec { downloads.close() }

    fun freePort(): Int = ServerSocket(0).use { it.localPort }

    with(downloads) {
      test("a busy server is asked again, but not for ever") {
        val folder = folder()
        val at = path()
        val mirror = server.on(at) { before -> if (before < 2) status(503) else send(content) }
        requests { folder.download(file(mirror)) } shouldContainExactly List(3) { at }
        val busy = server.on(path()) { status(503) }
        requests { folder().failure(file(busy)) shouldContain "$busy: answers HTTP 503" }.size shouldBe 3
      }

      class Fault(
        val name: String,
        val complaint: String,
        val answer: com.sun.net.httpserver.HttpExchange.(Int) -> Unit,
      )

      listOf(
          Fault("sends other content", "wrong content, with SHA-256 ${Sha256.of(ByteArray(300_000))}") {
            send(ByteArray(300_000))
          },
          Fault("sends too little", "ended after 1000 of 300000 bytes") {
            sendResponseHeaders(200, 1000)
            responseBody.write(content, 0, 1000)
          },
          Fault("sends too much", "sends more than 300000 bytes") { send(content + 1) },
          Fault("sends without end", "sends more than 300000 bytes") {
            sendResponseHeaders(200, 0)
            while (true) responseBody.write(content)
          },
          Fault("always hangs up", "connection broken") { sendCut(content, 0) },
          Fault("falls silent", "sent nothing for 1 s") {
            sendResponseHeaders(200, content.size.toLong())
            responseBody.flush()
            Thread.sleep(20_000)
          },
          Fault("never answers", "sent nothing for 1 s") { Thread.sleep(20_000) },
          Fault("forbids it", "answers HTTP 403") { status(403) },
        )
        .forEach { fault ->
          test("a server that ${fault.name}: the next mirror is asked, or the message says so") {
            val mirror = server.on(path(), fault.answer)
            val folder = folder()
            folder.download(file(mirror, server.on(path()) { send(content) }))
            folder.image().readBytes() shouldBe content

            val started = System.nanoTime()
            val alone = folder()
            val message = alone.failure(file(mirror))
            message shouldContain "${alone.image()} (300000 bytes, SHA-256 ${Sha256.of(content)})\n    $mirror: "
            message shouldContain fault.complaint
            alone.image().exists() shouldBe false
            System.nanoTime() - started shouldBeLessThan Duration.ofSeconds(15).toNanos()
          }
        }

      test(
        "without a network the message names every file, every mirror and where to put the files; what can be had is had"
      ) {
        val dead = "127.0.0.1:${freePort()}"
        val (one, other) = URI("http://$dead/a") to URI("http://$dead/b")
        val lacking = server.on(path()) { status(404) }
        val labels = RemoteFile("set/labels.gz", listOf(other, lacking), 7, "00")
        val good = RemoteFile("set/good.gz", listOf(server.on(path()) { send(content) }), 300_000, Sha256.of(content))
        val folder = folder()
        folder.resolve("set").createDirectories().resolve("labels.gz").writeText("old")
        val lines = folder.failure(file(one, lacking), labels, good).lines()
        lines[0] shouldBe "2 files could not be downloaded; put them there by hand, or try again later:"
        lines[1] shouldBe "  ${folder.image()} (300000 bytes, SHA-256 ${Sha256.of(content)})"
        lines[2] shouldContain "    $one: no connection"
        lines[3] shouldBe "    $lacking: answers HTTP 404"
        lines[4] shouldBe "  ${folder.resolve("set/labels.gz")} (7 bytes, SHA-256 00; now 3 bytes)"
        lines[5] shouldBe "    $other: no connection to $dead, as before"
        lines[6] shouldBe "    $lacking: answers HTTP 404"
        lines.size shouldBe 7
        folder.files() shouldContainExactly listOf(".download.lock", "set/good.gz", "set/labels.gz")
      }

      test("a host that does not exist, an address that is not one, and no mirrors at all") {
        val message = folder().failure(file(URI("http://no-such-host.invalid/x"), URI("ftp://example.org/x"), URI("x")))
        message shouldContain "http://no-such-host.invalid/x: no connection"
        message shouldContain "ftp://example.org/x: not an http or https address"
        message shouldContain "    x: not an http or https address"
        folder().failure(file()) shouldContain "it has no mirrors"
      }
    }
  })
