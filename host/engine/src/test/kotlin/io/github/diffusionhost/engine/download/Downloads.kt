package io.github.diffusionhost.engine.download

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.engine.files.Sha256
import io.kotest.assertions.throwables.shouldThrow
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.createDirectories
import kotlin.io.path.relativeTo
import kotlin.random.Random
import kotlin.streams.asSequence

/** A server, a file that it may send, and data folders to fetch it into. */
class Downloads(val root: Path) : AutoCloseable {
  val server = LocalServer()
  val content = Random(1).nextBytes(300_000)
  val policy = DownloadPolicy(3, Duration.ofMillis(10), Duration.ofSeconds(2), Duration.ofSeconds(1))
  private var paths = 0

  init {
    // The first request of a process takes long on a busy machine, and would count as a stall.
    folder().download(file(server.on(path()) { send(content) }))
  }

  fun folder(): Path = Files.createTempDirectory(root, "data")

  fun path() = "/${paths++}/"

  fun file(vararg mirrors: URI) =
    RemoteFile("set/images.gz", mirrors.toList(), content.size.toLong(), Sha256.of(content))

  fun Path.image(): Path = resolve("set/images.gz")

  fun Path.part(): Path = resolve("set/images.gz.part").also { it.parent.createDirectories() }

  fun Path.download(vararg files: RemoteFile) = Downloader(this, policy, DownloadProgress.NONE).download(files.toList())

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

  override fun close() = server.close()
}
