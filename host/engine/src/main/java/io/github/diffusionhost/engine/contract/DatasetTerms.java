package io.github.diffusionhost.engine.contract;

import io.github.diffusionhost.api.dataset.ImageDataset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a dataset says about its images before one is read, compared with its contract.
 *
 * @param dataset the dataset
 */
public record DatasetTerms(ImageDataset dataset) {
  /**
   * Asks for everything once.
   *
   * @throws WrongResultException if an answer breaks the contract
   */
  public void check() {
    new Returned(dataset, "shape").of(dataset::shape);
    int size = new Returned(dataset, "size").of(dataset::size);
    if (size < 1) {
      throw new Returned(dataset, "size").wrong("the dataset has no images");
    }
    Returned named = new Returned(dataset, "classNames");
    List<? extends @Nullable String> names = named.of(dataset::classNames);
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i) == null) {
        throw named.wrong("it returned null as the name of class " + i);
      }
    }
    new Returned(dataset, "normalization").of(dataset::normalization);
  }
}
