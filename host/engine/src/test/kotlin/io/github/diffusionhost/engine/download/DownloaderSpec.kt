package io.github.diffusionhost.engine.download

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.engine.files.Sha256
import io.github.diffusionhost.engine.support.SmallDisk
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainInOrder
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.io.InterruptedIOException
import java.net.ServerSocket
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.concurrent.thread
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random
import kotlin.streams.asSequence

class DownloaderSpec :
  FunSpec({
    val root = tempdir().toPath()
    val server = LocalServer()
    afterSpec { server.close() }

    val content = Random(1).nextBytes(300_000)
    val policy = DownloadPolicy(3, Duration.ofMillis(10), Duration.ofSeconds(2), Duration.ofSeconds(1))
    var paths = 0

    fun folder(): Path = Files.createTempDirectory(root, "data")
    fun path() = "/${paths++}/"
    fun file(vararg mirrors: URI) =
      RemoteFile("set/images.gz", mirrors.toList(), content.size.toLong(), Sha256.of(content))
    fun Path.image() = resolve("set/images.gz")
    fun Path.part() = resolve("set/images.gz.part").also { it.parent.createDirectories() }
    fun Path.download(vararg files: RemoteFile) =
      Downloader(this, policy, DownloadProgress.NONE).download(files.toList())
    fun Path.failure(vararg files: RemoteFile): String = shouldThrow<DownloadException> { download(*files) }.message!!
    fun Path.files(): List<String> =
      Files.walk(this).use { walk ->
        walk.asSequence().filter(Files::isRegularFile).map { "${it.relativeTo(this)}" }.sorted().toList()
      }
    /** What was asked of the server while [action] ran. */
    fun requests(action: () -> Unit): List<String> {
      server.requests.clear()
      action()
      return server.requests.toList()
    }
    fun freePort(): Int = ServerSocket(0).use { it.localPort }

    test("a file comes into the data folder, and nothing else stays") {
      val folder = folder()
      folder.download(file(server.on(path()) { send(content) }))
      folder.image().readBytes() shouldBe content
      folder.files() shouldContainExactly listOf(".download.lock", "set/images.gz")
    }

    test("progress grows to the size of the file") {
      val seen = mutableListOf<Long>()
      val mirror =
        server.on(path()) {
          sendResponseHeaders(200, content.size.toLong())
          responseBody.write(content, 0, 100_000)
          responseBody.flush()
          Thread.sleep(500)
          responseBody.write(content, 100_000, 200_000)
        }
      val wanted = file(mirror)
      Downloader(folder(), policy) { of, bytes ->
          of shouldBe wanted
          seen += bytes
        }
        .download(listOf(wanted))
      seen shouldContainInOrder listOf(100_000L, 300_000L)
      seen shouldBe seen.sorted()
    }

    test("a file of the right size is not fetched again, and its folder may be read-only") {
      val folder = folder()
      folder.image().also { it.parent.createDirectories() }.writeBytes(ByteArray(content.size))
      requests { folder.download(file(server.on(path()) { send(content) })) }.size shouldBe 0
      folder.files() shouldContainExactly listOf("set/images.gz")
    }

    test("a file of another size is replaced") {
      val folder = folder()
      folder.image().also { it.parent.createDirectories() }.writeText("old")
      folder.download(file(server.on(path()) { send(content) }))
      folder.image().readBytes() shouldBe content
    }

    test("a part of an earlier attempt is gone on with") {
      val folder = folder()
      folder.part().writeBytes(content.copyOf(120_000))
      val at = path()
      val mirror = server.on(at) { send(content) }
      requests { folder.download(file(mirror)) } shouldContainExactly listOf("$at bytes=120000-")
      folder.image().readBytes() shouldBe content
    }

    test("a part that is a link is not followed: what it leads to stays as it is") {
      val folder = folder()
      val elsewhere =
        Files.createTempDirectory(root, "elsewhere").resolve("precious").apply { writeBytes(byteArrayOf(1)) }
      Files.createSymbolicLink(folder.part(), elsewhere)
      folder.download(file(server.on(path()) { send(content) }))
      folder.image().readBytes() shouldBe content
      elsewhere.readBytes() shouldBe byteArrayOf(1)
      Files.createSymbolicLink(
        Files.createDirectories(folder.part().parent).resolve("b.gz.part"),
        folder.resolve("new"),
      )
      folder.download(RemoteFile("set/b.gz", listOf(server.on(path()) { send(content) }), 300_000, Sha256.of(content)))
      Files.exists(folder.resolve("new")) shouldBe false
    }

    test("a whole part, left by a process killed before renaming it, is checked and taken") {
      val folder = folder()
      folder.part().writeBytes(content)
      requests { folder.download(file(server.on(path()) { send(content) })) }.size shouldBe 0
      folder.image().readBytes() shouldBe content
    }

    for ((what, part) in
      listOf(
        "another file" to ByteArray(120_000),
        "another file of the same size" to ByteArray(300_000),
        "a larger file" to ByteArray(400_000),
      )) {
      test("a part of $what is thrown away, even if there is but one attempt") {
        val folder = folder()
        folder.part().writeBytes(part)
        val once = DownloadPolicy(1, Duration.ZERO, policy.connectTimeout, policy.stallTimeout)
        Downloader(folder, once, DownloadProgress.NONE).download(listOf(file(server.on(path()) { send(content) })))
        folder.image().readBytes() shouldBe content
      }
    }

    test("a server that knows no ranges sends all of it again") {
      val folder = folder()
      folder.part().writeBytes(content.copyOf(120_000))
      val mirror =
        server.on(path()) {
          sendResponseHeaders(200, content.size.toLong())
          responseBody.write(content)
        }
      folder.download(file(mirror))
      folder.image().readBytes() shouldBe content
    }

    test("a server that answers with another range than asked for is left for the next") {
      val folder = folder()
      folder.part().writeBytes(content.copyOf(120_000))
      val wrong =
        server.on(path()) {
          responseHeaders.add("Content-Range", "bytes 0-299999/300000")
          sendResponseHeaders(206, content.size.toLong())
          responseBody.write(content)
        }
      folder.download(file(wrong, server.on(path()) { send(content) }))
      folder.image().readBytes() shouldBe content
    }

    test("a connection that breaks is taken up again where it broke") {
      val folder = folder()
      val at = path()
      val mirror = server.on(at) { before -> if (before == 0) sendCut(content, 100_000) else send(content) }
      val requests = requests { folder.download(file(mirror)) }
      requests.size shouldBe 2
      requests[0] shouldBe at
      requests[1] shouldContain "bytes="
      folder.image().readBytes() shouldBe content
    }

    test("a file that one mirror lacks comes from the next one, without asking twice") {
      val folder = folder()
      val (first, second) = path() to path()
      val mirrors = arrayOf(server.on(first) { status(404) }, server.on(second) { send(content) })
      requests { folder.download(file(*mirrors)) } shouldContainExactly listOf(first, second)
      folder.image().readBytes() shouldBe content
    }

    test("a redirect is followed") {
      val target = path()
      server.on(target) { send(content) }
      val mirror =
        server.on(path()) {
          responseHeaders.add("Location", target)
          status(302)
        }
      val folder = folder()
      folder.download(file(mirror))
      folder.image().readBytes() shouldBe content
    }

    test("a busy server is asked again, but not for ever") {
      val folder = folder()
      val at = path()
      val mirror = server.on(at) { before -> if (before < 2) status(503) else send(content) }
      requests { folder.download(file(mirror)) } shouldContainExactly List(3) { at }
      val busy = server.on(path()) { status(503) }
      requests { folder().failure(file(busy)) shouldContain "$busy: answers HTTP 503" }.size shouldBe 3
    }

    class Fault(val name: String, val complaint: String, val answer: com.sun.net.httpserver.HttpExchange.(Int) -> Unit)

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

    for (bad in listOf("../outside", "/etc/outside", "", "a/../../outside")) {
      test("the path '$bad' leads out of the data folder and is refused") {
        shouldThrow<IllegalArgumentException> { folder().download(RemoteFile(bad, listOf(), 1, "")) }
          .message shouldContain "is not a path inside the data folder"
      }
    }

    test("many at once ask for the same file, and it is fetched once") {
      val folder = folder()
      val wanted = file(server.on(path()) { send(content) })
      val together = CountDownLatch(4)
      val threads = Executors.newFixedThreadPool(4)
      val requests = requests {
        val downloads =
          List(4) {
            threads.submit {
              together.countDown()
              together.await()
              folder.download(wanted)
            }
          }
        downloads.forEach { it.get() }
      }
      threads.shutdown()
      requests.size shouldBe 1
      folder.image().readBytes() shouldBe content
    }

    test("a download waits for one of another process") {
      val folder = folder()
      val other =
        ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.github.diffusionhost.engine.download.DownloaderSpecKt",
            "$folder",
          )
          .redirectErrorStream(true)
          .start()
      other.inputReader().use { output ->
        output.lineSequence().first { it == "locked" }
        val wanted = file(server.on(path()) { send(content) })
        val download = thread { folder.download(wanted) }
        download.join(1000)
        download.isAlive shouldBe true
        other.destroyForcibly().waitFor()
        download.join(10_000)
        download.isAlive shouldBe false
      }
      folder.image().readBytes() shouldBe content
    }

    test("an interrupted download stops at once, and what came can be gone on with") {
      val folder = folder()
      val cut =
        server.on(path()) {
          sendResponseHeaders(200, content.size.toLong())
          responseBody.write(content, 0, 100_000)
          responseBody.flush()
          Thread.sleep(20_000)
        }
      var thrown: Throwable? = null
      val patient = DownloadPolicy(1, Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(60))
      val download = thread {
        thrown =
          runCatching { Downloader(folder, patient, DownloadProgress.NONE).download(listOf(file(cut))) }
            .exceptionOrNull()
      }
      while (!folder.part().exists() || Files.size(folder.part()) < 100_000) Thread.sleep(10)
      download.interrupt()
      download.join(5000)
      (thrown is InterruptedIOException) shouldBe true
      folder.part().readBytes() shouldBe content.copyOf(100_000)
    }

    test("a full disk is an error that names the file, not the mirrors").config(enabled = SmallDisk.isPossible) {
      SmallDisk(root.resolve("disk"), "size=100k").use { disk ->
        val mirror = server.on(path()) { send(content) }
        val message = shouldThrow<IOException> { disk.path.download(file(mirror)) }.message!!
        message shouldBe "${disk.path.image()} cannot be written: No space left on device"
        message shouldNotContain "$mirror"
      }
    }

    test("a data folder that is a file is an error") {
      val file = root.resolve("file").also { it.writeText("") }
      shouldThrow<IOException> { file.download(file(server.on(path()) { send(content) })) }.message shouldContain
        "$file"
    }
  })

/** Holds the lock of a data folder until it is killed. */
fun main(arguments: Array<String>) {
  FolderLock.acquire(Path.of(arguments.single()))
  println("locked")
  Thread.sleep(60_000)
}
