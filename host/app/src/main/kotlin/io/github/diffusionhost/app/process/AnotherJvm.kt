package io.github.diffusionhost.app.process

import java.io.File
import java.lang.management.ManagementFactory
import java.nio.file.Path

/** What the JVM of this process was given that has nothing to do with its size. */
private val INHERITED = listOf("-D", "-Xshare", "-XX:SharedArchiveFile", "-Xlog", "--enable-native-access")

/** What was not known when it was started. */
private val SET_LATER =
  listOf("OPT_OUT_TRACKING", "user.home") +
    // Which libtorch this process has chosen.
    listOf("PYTORCH_LIBRARY_PATH", "PYTORCH_VERSION", "PYTORCH_FLAVOR", "jna.library.path")

/**
 * The command that starts another JVM with the classes and properties of this one, whatever its working folder.
 *
 * @param flags of that JVM alone
 * @param main its class
 */
internal fun anotherJvm(flags: List<String>, main: String, vararg arguments: String): List<String> {
  val java = Path.of(System.getProperty("java.home"), "bin", "java")
  val given = ManagementFactory.getRuntimeMXBean().inputArguments.filter { INHERITED.any(it::startsWith) }
  val set = SET_LATER.mapNotNull { name -> System.getProperty(name)?.let { "-D$name=$it" } }
  val separator = File.pathSeparator
  val classPath =
    System.getProperty("java.class.path").split(separator).joinToString(separator) { "${Path.of(it).toAbsolutePath()}" }
  return listOf("$java") + given + flags + set + listOf("-cp", classPath, main) + arguments
}
