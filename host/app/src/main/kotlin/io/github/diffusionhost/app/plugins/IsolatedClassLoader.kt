package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.app.plugins.jar.HostView
import java.net.URL
import java.net.URLClassLoader
import java.nio.file.Path
import java.util.Collections
import java.util.Enumeration

/**
 * The plugin's own classes before all others, except for what the host shows. PF4J's own class loader has no name, and
 * by the name stack traces tell plugins apart.
 *
 * @param label names the plugin
 */
internal class IsolatedClassLoader(private val label: String, jar: Path, private val view: HostView) :
  URLClassLoader(label, arrayOf(jar.toUri().toURL()), view) {
  override fun loadClass(name: String, resolve: Boolean): Class<*> =
    synchronized(getClassLoadingLock(name)) {
      findLoadedClass(name) ?: if (name.startsWith("java.") || view.has(name)) view.loadClass(name) else own(name)
    }

  override fun getResource(name: String): URL? = findResource(name) ?: view.getResource(name)

  override fun getResources(name: String): Enumeration<URL> =
    Collections.enumeration(findResources(name).toList() + view.getResources(name).toList())

  override fun toString() = label

  private fun own(name: String): Class<*> =
    try {
      findClass(name)
    } catch (_: ClassNotFoundException) {
      view.loadClass(name) // which throws another one
    }

  private companion object {
    init {
      registerAsParallelCapable()
    }
  }
}
