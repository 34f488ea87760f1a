package io.github.diffusionhost.engine.data;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.engine.checkpoint.CheckpointState;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a network needs to know about its images; kept in every checkpoint, so that sampling needs
 * no dataset.
 *
 * @param shape the size of an image
 * @param classes the number of labels; 0 if there are none
 * @param normalization how bytes become pixels
 */
public record ImageSpec(ImageShape shape, int classes, PixelNormalization normalization) {
  private static final String CHANNELS = "image.channels";
  private static final String HEIGHT = "image.height";
  private static final String WIDTH = "image.width";
  private static final String CLASSES = "image.classes";
  private static final String MEAN = "image.mean";
  private static final String STD = "image.std";

  /** What a dataset says. */
  public static ImageSpec of(ImageDataset dataset) {
    return new ImageSpec(dataset.shape(), dataset.classNames().size(), dataset.normalization());
  }

  /**
   * What a checkpoint says.
   *
   * @throws IOException if it says nothing, or nonsense
   */
  public static ImageSpec of(CheckpointState state) throws IOException {
    try {
      ImageShape shape =
          new ImageShape(whole(state, CHANNELS), whole(state, HEIGHT), whole(state, WIDTH));
      PixelNormalization normalization =
          new PixelNormalization(number(state, MEAN), number(state, STD));
      return new ImageSpec(shape, whole(state, CLASSES), normalization);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "the checkpoint does not say what its images are: " + e.getMessage(), e);
    }
  }

  /** The whole numbers of a checkpoint's state. */
  public Map<String, Long> longs() {
    Map<String, Long> longs = new LinkedHashMap<>();
    longs.put(CHANNELS, (long) shape.channels());
    longs.put(HEIGHT, (long) shape.height());
    longs.put(WIDTH, (long) shape.width());
    longs.put(CLASSES, (long) classes);
    return longs;
  }

  /** The numbers of a checkpoint's state. */
  public Map<String, Double> doubles() {
    Map<String, Double> doubles = new LinkedHashMap<>();
    doubles.put(MEAN, (double) normalization.mean());
    doubles.put(STD, (double) normalization.std());
    return doubles;
  }

  /** A state that says this and nothing else, of a network that was not trained here. */
  public CheckpointState untrained() {
    return new CheckpointState(0, 0, longs(), doubles(), Map.of());
  }

  private static int whole(CheckpointState state, String name) {
    Long value = state.longs().get(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no " + name);
    }
    return Math.toIntExact(value);
  }

  private static float number(CheckpointState state, String name) {
    Double value = state.doubles().get(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no " + name);
    }
    return value.floatValue();
  }
}
