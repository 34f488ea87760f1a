package io.github.diffusionhost.api;

import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;

/**
 * Contributes a dataset.
 *
 * @param <O> the options record
 */
public non-sealed interface DatasetProvider<O extends Record> extends Provider<O> {
  /**
   * Opens the dataset. A training opens each split that it or its metrics look at once. Other
   * commands open it anew, and so does a report that compares a run with a recipe if the options
   * have no {@code mean} and {@code std}. The caller closes what it gets.
   *
   * @throws IOException if files are missing or broken; the message says which, what is wrong and
   *     what to do
   * @throws IllegalArgumentException if the options do not fit together
   */
  ImageDataset open(O options, DatasetContext context) throws IOException;

  @Override
  default ProviderKind kind() {
    return ProviderKind.DATASET;
  }
}
