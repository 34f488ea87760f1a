package io.github.diffusionhost.engine.download

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.net.ServerSocket
import java.net.URI
import java.time.Duration

/** What servers say before a download. */
class InquirySpec :
  FunSpec({
    val server = LocalServer()
    afterSpec { server.close() }
    val policy = DownloadPolicy(2, Duration.ofMillis(5), Duration.ofSeconds(2), Duration.ofMillis(300))
    fun failure(ask: Inquiry.() -> Unit): String =
      shouldThrow<DownloadException> { Inquiry(policy).ask() }.message.orEmpty()

    test("a page is read as UTF-8, from where it is in the end") {
      val page = server.on("/there/index/") { send("größer".toByteArray()) }
      val moved =
        server.on("/moved/") {
          responseHeaders.add("Location", "$page")
          sendResponseHeaders(302, -1)
        }
      Inquiry(policy).page(moved) shouldBe Inquiry.Page(page, "größer")
    }

    test("a size comes without the file") {
      val large =
        server.on("/large") {
          requestMethod shouldBe "HEAD"
          responseHeaders.add("Content-Length", "3273024349")
          sendResponseHeaders(200, -1)
        }
      Inquiry(policy).bytes(large) shouldBe 3_273_024_349
    }

    test("a busy server is asked again, another answer is final") {
      val busy = server.on("/busy") { before -> if (before == 0) status(503) else send("now".toByteArray()) }
      Inquiry(policy).page(busy).text() shouldBe "now"
      val always = server.on("/always") { status(503) }
      failure { page(always) } shouldBe "$always: answers HTTP 503"
      val none = server.on("/none") { before -> if (before == 0) status(404) else send("now".toByteArray()) }
      failure { page(none) } shouldBe "$none: answers HTTP 404"
    }

    test("a server that falls silent, one that hangs up, and one that sends too much") {
      val silent = server.on("/silent") { Thread.sleep(5000) }
      failure { page(silent) } shouldContain "$silent: "
      val cut = server.on("/cut") { sendCut(ByteArray(1000), 10) }
      failure { page(cut) } shouldContain "$cut: connection broken"
      val endless =
        server.on("/endless") {
          sendResponseHeaders(200, 0)
          val piece = ByteArray(1 shl 20)
          while (true) responseBody.write(piece)
        }
      val patient = DownloadPolicy(1, Duration.ofMillis(5), Duration.ofSeconds(2), Duration.ofSeconds(5))
      shouldThrow<DownloadException> { Inquiry(patient).page(endless) }.message shouldContain
        "sends more than 67108864 bytes for a page"
    }

    test("a host that cannot be reached is not asked again; what is no address is none") {
      val port = ServerSocket(0).use { it.localPort }
      val inquiry = Inquiry(policy)
      fun words(path: String) =
        shouldThrow<DownloadException> { inquiry.page(URI("http://127.0.0.1:$port/$path")) }.message.orEmpty()
      words("a") shouldStartWith "http://127.0.0.1:$port/a: no connection"
      words("b") shouldBe "http://127.0.0.1:$port/b: no connection to 127.0.0.1:$port, as before"
      failure { bytes(URI("ftp://example.org/x")) } shouldBe "ftp://example.org/x: not an http or https address"
    }
  })
