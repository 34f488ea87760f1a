package io.github.diffusionhost.api;

import io.github.diffusionhost.api.exchange.ModelExchange;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.ModelContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Contributes a network.
 *
 * @param <O> the options record
 */
public non-sealed interface ModelProvider<O extends Record> extends Provider<O> {
  /**
   * Makes the network, its arrays not yet allocated; the host initializes, owns and closes it.
   *
   * @throws IllegalArgumentException if the options do not fit the images or each other; the
   *     message says which option and what would fit
   */
  Denoiser create(O options, ModelContext context);

  /**
   * The training settings published with this network, which hold where a config says nothing: keys
   * of the config's {@code train} section, dotted, to values as a config writes them ({@code
   * "optimizer.lr" → "2e-4"}).
   */
  default Map<String, String> recommendedTraining() {
    return Map.of();
  }

  /** How this network is exchanged with the {@code diffusers} library; null if it is not. */
  default @Nullable ModelExchange<O> diffusers() {
    return null;
  }

  @Override
  default ProviderKind kind() {
    return ProviderKind.MODEL;
  }
}
