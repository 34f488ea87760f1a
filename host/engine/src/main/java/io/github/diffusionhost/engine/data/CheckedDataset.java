package io.github.diffusionhost.engine.data;

import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;

/**
 * A dataset for others than the host who read it where it is: what each read writes is compared
 * with the dataset's contract, and labels are read once.
 */
final class CheckedDataset extends DatasetView {
  private final Labels labels;
  private final ImageReader reader;

  /**
   * Reads the labels.
   *
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset breaks its
   *     contract
   */
  CheckedDataset(ImageDataset source) {
    super(source);
    this.labels = Labels.read(source);
    this.reader = new ImageReader(source);
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    reader.read(index, target, offset);
  }

  @Override
  public int label(int index) {
    return labels.of(index);
  }
}
