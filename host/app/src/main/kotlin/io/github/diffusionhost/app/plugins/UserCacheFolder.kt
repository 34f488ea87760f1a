package io.github.diffusionhost.app.plugins

import java.nio.file.Path

/**
 * The host's folder among the user's caches, as the platform wants it: `XDG_CACHE_HOME` or `~/.cache`, on macOS
 * `~/Library/Caches`, on Windows `%LOCALAPPDATA%`.
 */
internal fun userCacheFolder(
  system: String = System.getProperty("os.name"),
  home: Path = Path.of(System.getProperty("user.home")),
  environment: (String) -> String? = System::getenv,
): Path {
  val caches =
    when {
      system.startsWith("Windows") -> environment("LOCALAPPDATA")?.let(Path::of) ?: home.resolve("AppData/Local")
      system.startsWith("Mac") -> home.resolve("Library/Caches")
      else -> environment("XDG_CACHE_HOME")?.takeIf { it.isNotBlank() }?.let(Path::of) ?: home.resolve(".cache")
    }
  return caches.resolve("diffusionhost")
}
