package io.github.diffusionhost.testkit;

import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.ModelProvider;
import io.github.diffusionhost.api.Provider;
import io.github.diffusionhost.api.SchedulerProvider;
import io.github.diffusionhost.api.TrackerProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules that every plugin's providers keep, as checks for any test framework:
 *
 * <pre>{@code
 * for (check in ProviderChecks.of(DitProvider())) test(check.name) { check.run() }
 * }</pre>
 *
 * <p>Checks run array code, on DJL's default device, and belong on one thread.
 */
public final class ProviderChecks {
  private ProviderChecks() {}

  /**
   * The checks of a provider with its default options. Of a dataset, a metric and a tracker only
   * the options are checked: {@link #of(DatasetProvider, Record, DatasetContext)} opens a dataset.
   */
  public static List<Check> of(Provider<?> provider) {
    List<Check> checks = new ArrayList<>(OptionChecks.of(provider));
    if (provider instanceof ModelProvider<?> model) {
      checks.addAll(withDefaults(model));
    } else if (provider instanceof SchedulerProvider<?> scheduler) {
      checks.addAll(withDefaults(scheduler));
    } else if (!(provider instanceof DatasetProvider<?>)
        && !(provider instanceof MetricProvider<?>)
        && !(provider instanceof TrackerProvider<?>)) {
      throw new IllegalArgumentException(provider.getClass() + " is of no known kind");
    }
    return checks;
  }

  /** The checks of a network made with {@code options}. */
  public static <O extends Record> List<Check> of(ModelProvider<O> provider, O options) {
    return ModelChecks.of(provider, options);
  }

  /** The checks of a noise process made with {@code options}. */
  public static <O extends Record> List<Check> of(SchedulerProvider<O> provider, O options) {
    return SchedulerChecks.of(provider, options);
  }

  /** The checks of a dataset opened with {@code options}; each check opens it anew. */
  public static <O extends Record> List<Check> of(
      DatasetProvider<O> provider, O options, DatasetContext context) {
    return DatasetChecks.of(provider, options, context);
  }

  private static <O extends Record> List<Check> withDefaults(ModelProvider<O> provider) {
    return ModelChecks.of(provider, provider.defaults());
  }

  private static <O extends Record> List<Check> withDefaults(SchedulerProvider<O> provider) {
    return SchedulerChecks.of(provider, provider.defaults());
  }
}
