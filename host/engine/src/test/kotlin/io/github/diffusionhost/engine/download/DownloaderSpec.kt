package io.github.diffusionhost.engine.download

import io.github.diffusionhost.api.dataset.RemoteFile
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainInOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.createDirectories
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

class DownloaderSpec :
  FunSpec({
    val downloads = Downloads(tempdir().toPath())
    afterSpec { downloads.close() }

    with(downloads) {
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

      for (bad in listOf("../outside", "/etc/outside", "", "a/../../outside")) {
        test("the path '$bad' leads out of the data folder and is refused") {
          shouldThrow<IllegalArgumentException> { folder().download(RemoteFile(bad, listOf(), 1, "")) }
            .message shouldContain "is not a path inside the data folder"
        }
      }
    }
  })
