package io.github.diffusionhost.api;

import java.util.Map;
import org.pf4j.ExtensionPoint;

/**
 * What a plugin contributes: a factory with a name, found by PF4J and chosen by a config.
 *
 * <p>Implement one of the sub-interfaces, give the class a public constructor without parameters
 * and annotate it with {@link org.pf4j.Extension}. The host makes one instance when the plugin
 * starts, on the thread that loads plugins, and calls it from one thread at a time. Every call runs
 * with the plugin's own class loader as the thread's context class loader. The constructor must be
 * cheap: it runs at every start of the host, chosen or not.
 *
 * @param <O> the options record. Each component carries {@link
 *     io.github.diffusionhost.api.options.Option}.
 */
public sealed interface Provider<O extends Record> extends ExtensionPoint
    permits ModelProvider, SchedulerProvider, DatasetProvider, MetricProvider, TrackerProvider {

  /** The name used in configs: lower-case letters, digits and dashes, unique in the host. */
  String name();

  /** One line for listings, without a full stop. */
  String summary();

  /** The options that hold when a config gives none. */
  O defaults();

  /** Named sets of options: {@code model: {use: dit, preset: small}}. */
  default Map<String, O> presets() {
    return Map.of();
  }

  /** The role of this provider. */
  ProviderKind kind();
}
