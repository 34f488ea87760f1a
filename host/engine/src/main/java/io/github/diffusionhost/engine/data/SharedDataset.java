package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.util.stream.IntStream;

/**
 * The dataset of a training for others who read it, at random: its images come from the training's
 * own, so that no file is opened or decoded a second time. Closing it does nothing; dataset and
 * images stay those of the training.
 */
public final class SharedDataset extends DatasetView {
  private static final int AT_A_TIME = 1024;

  private final TrainingImages training;

  /** The images that were copied so far, which is all or none. */
  private byte[][] images = {};

  /**
   * @param training whose images are shared
   */
  public SharedDataset(TrainingImages training) {
    super(training.dataset());
    this.training = training;
  }

  @Override
  public int size() {
    return training.size();
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    if (training instanceof StreamedDataset streamed) {
      streamed.read(index, target, offset);
      return;
    } else if (images.length == 0) {
      images = copy();
    }
    System.arraycopy(images[index], 0, target, offset, images[index].length);
  }

  private byte[][] copy() throws IOException {
    int elements = shape().elements();
    byte[][] copies = new byte[size()][elements];
    for (int from = 0; from < copies.length; from += AT_A_TIME) {
      int to = Math.min(copies.length, from + AT_A_TIME);
      byte[] chunk;
      try (NDArray chosen = training.choose(IntStream.range(from, to).toArray())) {
        chunk = chosen.toByteArray();
      }
      for (int i = from; i < to; i++) {
        System.arraycopy(chunk, (i - from) * elements, copies[i], 0, elements);
      }
    }
    return copies;
  }

  @Override
  public int label(int index) {
    return training.label(index);
  }

  @Override
  public void close() {}
}
