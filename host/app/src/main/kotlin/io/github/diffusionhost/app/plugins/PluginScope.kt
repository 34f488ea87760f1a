package io.github.diffusionhost.app.plugins

/**
 * Runs [block] with the class loader of a plugin as the thread's context class loader, as plugins are promised for
 * every call of a provider.
 *
 * @param made a provider, or anything else whose class is the plugin's own: a denoiser, a dataset, a sampler. For an
 *   object of the host's or the JDK's class the host stays the context.
 */
inline fun <T> inPluginOf(made: Any, block: () -> T): T = inContextOf(made.javaClass.classLoader, block)

/** Runs [block] with [loader] as the thread's context class loader; null leaves it as it is. */
@PublishedApi
internal inline fun <T> inContextOf(loader: ClassLoader?, block: () -> T): T {
  val thread = Thread.currentThread()
  val before = thread.contextClassLoader
  thread.contextClassLoader = loader ?: before
  try {
    return block()
  } finally {
    thread.contextClassLoader = before
  }
}
