package io.github.diffusionhost.engine.download

import io.github.diffusionhost.engine.support.SmallDisk
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.concurrent.thread
import kotlin.io.path.readBytes
import kotlin.io.path.writeText

/** Threads and processes that want the same file, and folders that take none. */
class SharedDataFolderSpec :
  FunSpec({
    val downloads = Downloads(tempdir().toPath())
    afterSpec { downloads.close() }

    with(downloads) {
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
              "io.github.diffusionhost.engine.download.SharedDataFolderSpecKt",
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
    }
  })

/** Holds the lock of a data folder until it is killed. */
fun main(arguments: Array<String>) {
  FolderLock.acquire(Path.of(arguments.single()))
  println("locked")
  Thread.sleep(60_000)
}
