package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.gpu.Installation
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.download.DownloadPolicy
import io.github.diffusionhost.engine.download.Inquiry
import io.kotest.assertions.throwables.shouldThrow
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.net.URI
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

/** Not patient: a test's server answers at once or never. */
internal val HASTY = DownloadPolicy(2, Duration.ofMillis(5), Duration.ofSeconds(2), Duration.ofSeconds(3))

/** `host gpu install` into a folder of a test's own. */
internal class Installing(root: Path, index: URI = URI("http://127.0.0.1:9/"), others: List<URI> = listOf()) {
  val installations = Installations(root)
  private val indexes = WheelIndexes(Inquiry(HASTY), index, others)
  private val written = ByteArrayOutputStream()

  /** What was told on the way. */
  val told: List<String>
    get() = "$written".trim().lines()

  fun run(
    vararg from: Path,
    dryRun: Boolean = false,
    keep: Boolean = false,
    free: Long = 1L shl 40,
    platform: Platform = Platform("Linux", "amd64"),
  ): String {
    val status = StatusLine(PrintStream(written, true), null)
    return Installer(installations, indexes, status, policy = HASTY, platform = platform, freeBytes = { free })
      .install(from.toList(), dryRun, keep)
  }

  fun refusal(vararg from: Path): UserError = shouldThrow<UserError> { run(*from) }

  fun installed(): Installation = checkNotNull(installations.of(CudaBuild.NEEDED))

  /** Paths and contents of what is installed, without the record. */
  fun libraries(): Map<String, ByteArray> {
    val folder = installed().folder
    return folder
      .walk()
      .filter { it.name.contains(".so") && !it.isSymbolicLink() }
      .associate { it.relativeTo(folder).joinToString("/") to it.readBytes() }
  }

  /** All that is in the folder, hidden files included. */
  fun left(): List<String> = installations.root.toFile().list().orEmpty().sorted()
}
