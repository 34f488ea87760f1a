package io.github.diffusionhost.engine.data;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.engine.contract.DatasetTerms;
import io.github.diffusionhost.engine.contract.Returned;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Locale;

/** The labels of a dataset, in memory. */
final class Labels {
  private final int[] labels;

  private Labels(int[] labels) {
    this.labels = labels;
  }

  /**
   * Reads all labels.
   *
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if what the dataset says
   *     of itself breaks its contract, or a label has no name
   */
  static Labels read(ImageDataset source) {
    new DatasetTerms(source).check();
    int classes = source.classNames().size();
    int[] labels = new int[classes == 0 ? 0 : source.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(source, i);
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new Returned(source, "label")
            .wrong(
                String.format(
                    Locale.ROOT,
                    "image %d has label %d, and the dataset has %d classes",
                    i,
                    labels[i],
                    classes));
      }
    }
    return new Labels(labels);
  }

  private static int label(ImageDataset source, int index) {
    return new Returned(source, "label").of(() -> source.label(index));
  }

  /** Whether images have labels. */
  boolean any() {
    return labels.length > 0;
  }

  /** The label of an image. */
  int of(int index) {
    return labels[index];
  }

  /** Adds them all to a digest, four bytes each, big-endian. */
  void addTo(MessageDigest digest) {
    ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
    for (int label : labels) {
      digest.update(number.putInt(0, label).array());
    }
  }
}
