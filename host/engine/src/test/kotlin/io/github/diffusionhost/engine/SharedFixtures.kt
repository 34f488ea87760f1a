package io.github.diffusionhost.engine

import java.nio.file.Files
import java.nio.file.Path

/** The golden numbers beside the repository; null where they are not installed. */
val sharedFixtures: Path? = run {
  val shared =
    System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
      ?: Path.of(System.getProperty("repository.root"), "..", "shared")
  val fixtures = shared.resolve("fixtures").normalize()
  fixtures.takeIf(Files::isDirectory)
    ?: null.also { println("no golden numbers at $fixtures: tests that need them are skipped") }
}
