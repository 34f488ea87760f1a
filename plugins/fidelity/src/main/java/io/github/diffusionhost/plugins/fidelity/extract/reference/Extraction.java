package io.github.diffusionhost.plugins.fidelity.extract.reference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An extractor, its features of the present batch, which several metrics ask for, and what they are
 * going to ask of reference images.
 */
public final class Extraction implements AutoCloseable {
  private final FeatureExtractor extractor;
  private final NDManager manager;
  private final List<ReferenceWish> wishes = new ArrayList<>();
  private @Nullable NDArray batch;
  private @Nullable NDArray featuresOfBatch;

  public Extraction(FeatureExtractor extractor, NDManager manager) {
    this.extractor = extractor;
    this.manager = manager;
  }

  /** The extractor. */
  public FeatureExtractor extractor() {
    return extractor;
  }

  /** Says that something will be asked of reference images, unless it is withdrawn before. */
  public void announce(ReferenceWish wish) {
    wishes.add(wish);
  }

  /** Takes back what was announced. */
  public void withdraw(ReferenceWish wish) {
    wishes.remove(wish);
  }

  /** What is announced. */
  List<ReferenceWish> wishes() {
    return List.copyOf(wishes);
  }

  /**
   * The features of generated images, computed once for each batch.
   *
   * @param images [N,C,H,W] uint8
   * @return [N,D] float32, valid until it is asked for another batch
   */
  public NDArray features(NDArray images) {
    NDArray known = featuresOfBatch;
    if (known != null && images == batch) {
      return known;
    }
    forget();
    NDArray found = ArrayScope.keeping(() -> extractor.features(images));
    found.attach(manager);
    batch = images;
    featuresOfBatch = found;
    return found;
  }

  private void forget() {
    if (featuresOfBatch != null) {
      featuresOfBatch.close();
    }
    featuresOfBatch = null;
    batch = null;
  }

  @Override
  public void close() {
    forget();
    extractor.close();
  }
}
