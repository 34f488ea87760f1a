package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.plugins.jar.CACHE_VARIABLE
import io.github.diffusionhost.app.plugins.jar.userCacheFolder
import java.nio.file.Path

/** The folders that the program writes to. */
internal fun writtenFolders(data: Path): List<WrittenFolder> =
  listOf(
    WrittenFolder("runs", Path.of("runs"), "Start in another folder, or name one with --run-dir"),
    WrittenFolder("data", data, "Set DIFFUSIONHOST_DATA to a folder that can be written"),
    WrittenFolder("caches", userCacheFolder(), "Set $CACHE_VARIABLE to a folder that can be written"),
    WrittenFolder("libraries", djlCache(), "Set DJL_CACHE_DIR to a folder that can be written", needed = true),
    WrittenFolder(
      "temporary files",
      Path.of(System.getProperty("java.io.tmpdir")),
      "Set DIFFUSIONHOST_JAVA_OPTS=-Djava.io.tmpdir=FOLDER",
      needed = true,
    ),
  )

/** Where DJL unpacks PyTorch's libraries. */
private fun djlCache(): Path = ai.djl.util.Utils.getEngineCacheDir()
