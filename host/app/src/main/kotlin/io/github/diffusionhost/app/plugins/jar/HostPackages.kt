package io.github.diffusionhost.app.plugins.jar

import java.net.URL
import java.util.Collections
import java.util.Enumeration

/** What of the host a plugin sees. */
internal object HostPackages {
  private val shown =
    listOf("io.github.diffusionhost.api.", "ai.djl.", "org.pf4j.", "org.slf4j.", "org.jspecify.", "kotlin.")

  /** The engine behind DJL's api is the host's affair. */
  private const val ENGINE = "ai.djl.pytorch."

  /**
   * DJL looks for its engine, and for the native library, through the context class loader on first use, which may well
   * be inside a plugin's code; if it saw nothing there, no engine would be found for the rest of the process.
   */
  private const val ENGINE_PROVIDER = "ai.djl.pytorch.engine.PtEngineProvider"
  private val engineResources =
    listOf("META-INF/services/ai.djl.", "native/lib/", "jnilib/", "pytorch-engine.properties")

  /** The contract's classes in a jar: a second copy of them is another contract. */
  const val CONTRACT_FOLDER = "io/github/diffusionhost/api/"

  /** DJL's classes in a jar: its native library can live in one class loader only. */
  const val DJL_FOLDER = "ai/djl/"

  fun showsClass(name: String) = name == ENGINE_PROVIDER || (shown.any(name::startsWith) && !name.startsWith(ENGINE))

  fun showsResource(path: String) = engineResources.any(path::startsWith) || showsClass(path.replace('/', '.'))
}

/** The JDK, and the host's packages that plugins may see: the parent of every plugin's class loader. */
internal class HostView(private val host: ClassLoader) : ClassLoader(getPlatformClassLoader()) {
  override fun findClass(name: String): Class<*> =
    if (HostPackages.showsClass(name)) host.loadClass(name) else throw ClassNotFoundException(name)

  override fun findResource(name: String): URL? = if (HostPackages.showsResource(name)) host.getResource(name) else null

  override fun findResources(name: String): Enumeration<URL> =
    if (HostPackages.showsResource(name)) host.getResources(name) else Collections.emptyEnumeration()

  /** Whether plugins get the class from the host, whatever they bring themselves. */
  fun has(name: String): Boolean =
    HostPackages.showsClass(name) &&
      try {
        host.loadClass(name)
        true
      } catch (_: ClassNotFoundException) {
        false // which is the question
      }

  override fun toString() = "the host as plugins see it"
}
