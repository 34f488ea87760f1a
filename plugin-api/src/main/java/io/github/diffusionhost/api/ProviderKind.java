package io.github.diffusionhost.api;

import java.util.Locale;

/** The roles that a provider can play in a run. */
public enum ProviderKind {
  MODEL,
  SCHEDULER,
  DATASET,
  METRIC,
  TRACKER;

  /** The name used in configs and messages: {@code model}, {@code scheduler}, … */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
