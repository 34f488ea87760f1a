package io.github.diffusionhost.engine

import java.nio.file.Files
import java.nio.file.Path

/** The golden numbers beside the repository; null where they are not installed. */
val sharedFixtures: Path? =
  (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
      ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
    .resolve("fixtures")
    .takeIf(Files::isDirectory)
