package io.github.diffusionhost.engine.download

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.engine.files.Sha256
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.InterruptedIOException
import java.nio.file.Files
import java.time.Duration
import kotlin.concurrent.thread
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** What is left of an attempt is gone on with, if it is part of the file. */
class PartFileSpec :
  FunSpec({
    val downloads = Downloads(tempdir().toPath())
    afterSpec { downloads.close() }

    with(downloads) {
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
        folder.download(
          RemoteFile("set/b.gz", listOf(server.on(path()) { send(content) }), 300_000, Sha256.of(content))
        )
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
    }
  })
