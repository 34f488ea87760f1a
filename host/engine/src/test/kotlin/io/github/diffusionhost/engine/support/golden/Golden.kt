package io.github.diffusionhost.engine.support.golden

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.TestScope
import java.nio.file.Files
import java.nio.file.Path
import java.util.Optional
import kotlin.io.path.createTempDirectory

/** Numbers of reference implementations: the full set beside the repository, and the packed one in it. */
object Golden {
  private val folder: Path =
    (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
        ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
      .resolve("fixtures")
      .toAbsolutePath()
      .normalize()

  private val unpacked: Path by lazy {
    createTempDirectory("golden").also {
      Runtime.getRuntime().addShutdownHook(Thread { it.toFile().deleteRecursively() })
    }
  }

  /** What every checkout has: see `golden/README.md` among the engine's resources. */
  val packed: GoldenSet by lazy { GoldenSet.packed(unpacked) }

  val full =
    GoldenSet("the golden numbers in $folder") { name ->
      Optional.ofNullable(folder.resolve(name).takeIf(Files::exists))
    }

  /** The folder of the full set, where that is installed. */
  val installed: Path? = folder.takeIf(Files::isDirectory)

  /** The files of the packed set, by their names with the ending. */
  val packedFiles: List<String> by lazy {
    val list = checkNotNull(Golden::class.java.getResourceAsStream("/golden/${Packing.SUMS}"))
    list.bufferedReader().useLines { lines -> lines.map { it.substringAfter("  ").removeSuffix(".gz") }.toList() }
  }

  /** Enabled where the full set is installed. */
  fun fullOr(reason: String): Enabled =
    if (installed == null) Enabled.disabled("$reason: $full are not there") else Enabled.enabled
}

/**
 * A test on the packed set, if that has something of every one of [names], and on the full one, if that has more. What
 * the packed set lacks is skipped where the full one is not installed.
 */
fun FunSpec.golden(words: String, vararg names: String, test: suspend TestScope.(GoldenSet) -> Unit) {
  val packed = Golden.packed.has(*names)
  if (packed) test(words) { test(Golden.packed) }
  if (packed && (Golden.installed == null || names.all { Golden.packed.whole(it) })) return
  val reason = "too large for the packed golden numbers"
  test("$words, of the full set").config(enabledOrReasonIf = { Golden.fullOr(reason) }) { test(Golden.full) }
}
