package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.TrackerProvider
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.plugins.jar.RefusedException
import io.github.diffusionhost.app.plugins.jar.refusal
import java.lang.reflect.Modifier

private val NAME = Regex("[a-z][a-z0-9-]*")

/**
 * Makes the provider of class [className] and reads it. Runs the plugin's code.
 *
 * @throws RefusedException if the provider breaks its contract or throws
 */
internal fun readProvider(className: String, plugin: LoadedPlugin, loader: ClassLoader): LoadedProvider =
  LoadedProvider(plugin, readProvider(instantiate(asking("the provider $className") { loader.loadClass(className) })))

/**
 * Asks a provider what it has to say about itself, so that what is wrong with it shows now and not in the middle of a
 * run. Runs the plugin's code.
 *
 * @throws RefusedException if the provider breaks its contract or throws
 */
internal fun <O : Record> readProvider(provider: Provider<O>): KnownProvider<O> {
  val type = provider.javaClass
  val className = type.name
  val asked = { call: String -> "$call of ${type.simpleName}" }
  val name = asking(asked("name()")) { provider.name() }.orRefuse(asked("name()"))
  if (!NAME.matches(name)) {
    val reason = "$className calls itself \"$name\", which is not a name for configs"
    throw RefusedException(reason, "Use lower-case letters, digits and dashes, a letter first")
  }
  val kind = asking(asked("kind()")) { provider.kind() }.orRefuse(asked("kind()"))
  if (!interfaceOf(kind).isInstance(provider)) {
    val reason = "$className says that it is a ${kind.label()} and does not implement ${interfaceOf(kind).simpleName}"
    throw RefusedException(reason, "Do not override kind()")
  }
  val summary = asking(asked("summary()")) { provider.summary() }.orRefuse(asked("summary()"))
  val defaults = asking(asked("defaults()")) { provider.defaults() }.orRefuse(asked("defaults()"))
  val presets = asking(asked("presets()")) { provider.presets() }.orRefuse(asked("presets()"))
  return KnownProvider(provider, kind, name, summary, defaults, describe(defaults), check(presets, defaults, className))
}

private fun instantiate(type: Class<*>): Provider<*> {
  val name = type.name
  if (!Provider::class.java.isAssignableFrom(type)) {
    val remedy =
      "Implement ModelProvider, SchedulerProvider, DatasetProvider, MetricProvider or TrackerProvider, or do not list it"
    throw RefusedException("$name is listed in META-INF/extensions.idx and is not a provider", remedy)
  }
  val constructor = asking("the provider $name") { type.constructors.find { it.parameterCount == 0 } }
  val usable = Modifier.isPublic(type.modifiers) && !Modifier.isAbstract(type.modifiers) && constructor != null
  if (!usable) {
    val remedy = "Make it a public class, neither abstract nor a Kotlin object, with a constructor without parameters"
    throw RefusedException("the host cannot make a $name", remedy)
  }
  return asking("the constructor of ${type.simpleName}") { constructor!!.newInstance() as Provider<*> }
}

private fun interfaceOf(kind: ProviderKind): Class<out Provider<*>> =
  when (kind) {
    ProviderKind.MODEL -> ModelProvider::class.java
    ProviderKind.SCHEDULER -> SchedulerProvider::class.java
    ProviderKind.DATASET -> DatasetProvider::class.java
    ProviderKind.METRIC -> MetricProvider::class.java
    ProviderKind.TRACKER -> TrackerProvider::class.java
  }

private fun <O : Record> describe(options: O): OptionsSpec<O> =
  try {
    OptionsSpec.of(options)
  } catch (e: IllegalArgumentException) {
    val remedy = "Annotate every component of the record with @Option and give it a type that the contract names"
    throw RefusedException(e.message.orEmpty(), remedy, e)
  } catch (e: Throwable) {
    throw refusal("reading ${options.javaClass.simpleName}", e)
  }

private fun check(presets: Map<String, Record>, defaults: Record, provider: String): Map<String, Record> {
  val checked = LinkedHashMap<String, Record>()
  for ((name, preset) in asking("presets() of $provider") { LinkedHashMap<String?, Record?>(presets) }) {
    if (name == null || preset == null || preset.javaClass != defaults.javaClass) {
      val reason = "the preset $name of $provider is no ${defaults.javaClass.simpleName}, as its defaults are"
      throw RefusedException(reason, "Let presets() return records of the class that defaults() returns")
    }
    checked[name] = preset
  }
  return checked
}

private inline fun <T> asking(doing: String, call: () -> T): T =
  try {
    call()
  } catch (e: Throwable) {
    throw refusal(doing, e)
  }

private fun <T : Any> T?.orRefuse(call: String): T =
  this ?: throw RefusedException("$call returned null", "Let it return a value")
