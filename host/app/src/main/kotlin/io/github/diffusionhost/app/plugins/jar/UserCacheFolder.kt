package io.github.diffusionhost.app.plugins.jar

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.absolute
import kotlin.io.path.exists
import org.slf4j.LoggerFactory

/** The variable of the environment that moves the user's caches elsewhere. */
internal val CACHE_VARIABLE =
  if (System.getProperty("os.name").startsWith("Windows")) "LOCALAPPDATA" else "XDG_CACHE_HOME"

/**
 * The host's folder among the user's caches, as the platform wants it: `XDG_CACHE_HOME` or `~/.cache`, on macOS
 * `~/Library/Caches`, on Windows `%LOCALAPPDATA%`.
 */
internal fun userCacheFolder(
  system: String = System.getProperty("os.name"),
  home: Path = userHome(),
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

/**
 * The user's home. A user that the system does not know, as `docker run --user` makes one, has none: Java then says
 * `?`, which would be a folder of that name in the working directory. The environment may know better; if not, the root
 * stands for a home in which nothing can be written.
 */
internal fun userHome(
  property: String? = System.getProperty("user.home"),
  environment: (String) -> String? = System::getenv,
): Path =
  listOfNotNull(property, environment("HOME")).map { Path.of(it) }.firstOrNull { it.isAbsolute }
    ?: Path.of("").absolute().root

/** A folder of this process's own, which goes with it. */
internal fun temporaryFolder(): Path {
  val folder = Files.createTempDirectory("diffusionhost-")
  Runtime.getRuntime().addShutdownHook(Thread { folder.toFile().deleteRecursively() })
  return folder
}

/**
 * Where datasets keep their files: [wanted], if it is there or can be made. Else a temporary folder, with a warning
 * that says what to set.
 */
internal fun usableDataFolder(wanted: Path, temporary: () -> Path = ::temporaryFolder): Path {
  if (wanted.exists()) return wanted
  try {
    return Files.createDirectories(wanted)
  } catch (e: IOException) {
    val instead = temporary()
    LoggerFactory.getLogger("io.github.diffusionhost.app.plugins.jar.UserCacheFolder")
      .warn(
        "{} cannot be made ({}), so datasets are kept in {} until this command ends. Set DIFFUSIONHOST_DATA to a " +
          "folder that can be written",
        wanted,
        inWords(e),
        instead,
      )
    return instead
  }
}
