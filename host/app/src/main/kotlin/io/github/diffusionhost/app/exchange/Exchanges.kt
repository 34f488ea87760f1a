package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.exchange.ExchangedModel
import io.github.diffusionhost.api.exchange.ExchangedScheduler
import io.github.diffusionhost.api.exchange.ForeignConfig
import io.github.diffusionhost.api.exchange.ModelExchange
import io.github.diffusionhost.api.exchange.SchedulerExchange
import io.github.diffusionhost.app.config.bind.BoundModel
import io.github.diffusionhost.app.config.bind.BoundScheduler
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError

/** What the installed providers say of classes of diffusers. */
internal class Exchanges(private val registry: ProviderRegistry) {
  /** @throws UserError if no provider knows the class, or it cannot use all of the config */
  fun readModel(config: ForeignConfig): Read<ExchangedModel<*>> {
    val known =
      registry.all().map { it.provider }.filterIsInstance<ModelProvider<*>>().mapNotNull { named(it, ::modelExchange) }
    return read(config, known, "model", { it.classNames() }) { it.read(config) }
  }

  /** @throws UserError if no provider knows the class, or it cannot use all of the config */
  fun readScheduler(config: ForeignConfig): Read<ExchangedScheduler<*>> {
    val known =
      registry
        .all()
        .map { it.provider }
        .filterIsInstance<SchedulerProvider<*>>()
        .mapNotNull { named(it, ::schedulerExchange) }
    return read(config, known, "scheduler", { it.classNames() }) { it.read(config) }
  }

  private fun <E, T> read(
    config: ForeignConfig,
    known: List<Pair<Provider<*>, E>>,
    kind: String,
    classNames: (E) -> List<String>,
    read: (E) -> T,
  ): Read<T> {
    val classes = known.associateWith { (provider, exchange) -> inPluginOf(provider) { classNames(exchange) } }
    val (provider, exchange) =
      known.find { config.className() in classes.getValue(it) } ?: throw unknown(config, kind, classes.values.flatten())
    return refusals {
      inPluginOf(provider) {
        // What is missing or unknown explains what a record refuses, so that it is said first.
        val result = runCatching { read(exchange) }
        config.requireUnderstood()
        Read(provider, result.getOrElse { throw if (it is IllegalArgumentException) refusal(config, it) else it })
      }
    }
  }

  private fun refusal(config: ForeignConfig, e: IllegalArgumentException) =
    IllegalArgumentException("${config.where()} cannot be used: ${e.message}", e)

  private fun unknown(config: ForeignConfig, kind: String, classes: List<String>) =
    UserError(
      "${config.where()}: no installed $kind knows the class ${printable(config.className())}; known: " +
        classes.sorted().joinToString(", ").ifEmpty { "none" }
    )

  /** The class and the settings that say the same as the options; [labelValues] as in [ExchangedModel]. */
  fun <O : Record> write(model: BoundModel<O>, exchanged: (O) -> ExchangedModel<O>): Map<String, Any?> {
    val exchange = modelExchange(model.provider) ?: throw notExchanged(model.provider)
    return written(model.provider) { exchange.classNames().first() to exchange.write(exchanged(model.options)) }
  }

  /** The class and the settings that say the same as the options. */
  fun <O : Record> write(scheduler: BoundScheduler<O>, exchanged: (O) -> ExchangedScheduler<O>): Map<String, Any?> {
    val exchange = schedulerExchange(scheduler.provider) ?: throw notExchanged(scheduler.provider)
    return written(scheduler.provider) { exchange.classNames().first() to exchange.write(exchanged(scheduler.options)) }
  }

  private fun written(provider: Provider<*>, write: () -> Pair<String, Map<String, Any?>>): Map<String, Any?> {
    val (name, settings) = refusals { inPluginOf(provider) { write() } }
    return settings + mapOf("_class_name" to name, "_diffusers_version" to DIFFUSERS_VERSION)
  }

  private fun notExchanged(provider: Provider<*>): UserError {
    val kind = provider.kind().label()
    val can = registry.all().filter { it.kind == provider.kind() && isExchanged(it.provider) }.map { it.name }.sorted()
    return UserError(
      "$kind ${provider.name()} has no counterpart in diffusers; installed that have: " +
        can.joinToString(", ").ifEmpty { "none" },
      ExitCode.USAGE,
    )
  }

  private fun isExchanged(provider: Provider<*>) =
    when (provider) {
      is ModelProvider<*> -> modelExchange(provider) != null
      is SchedulerProvider<*> -> schedulerExchange(provider) != null
      else -> false
    }

  private companion object {
    /** The version whose format is written. */
    const val DIFFUSERS_VERSION = "0.40.0.dev0"
  }
}

/** What a provider has made of a config. */
internal data class Read<out T>(val provider: Provider<*>, val result: T)

private fun <O : Record> modelExchange(provider: ModelProvider<O>): ModelExchange<O>? =
  inPluginOf(provider) { provider.diffusers() }

private fun <O : Record> schedulerExchange(provider: SchedulerProvider<O>): SchedulerExchange<O>? =
  inPluginOf(provider) { provider.diffusers() }

private fun <P : Provider<*>, E : Any> named(provider: P, exchange: (P) -> E?): Pair<P, E>? =
  exchange(provider)?.let { provider to it }

private inline fun <T> refusals(block: () -> T): T =
  try {
    block()
  } catch (e: IllegalArgumentException) {
    throw UserError(e.message ?: "$e", ExitCode.FAILED, e)
  }
