package io.github.diffusionhost.api.dataset;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.util.List;

/**
 * Images of one size, as bytes, and their labels, by index.
 *
 * <p>The host never reads two images at a time, though not always from the same thread: those of
 * the next step are read while the step at hand computes, and {@link #augment}, say, may be called
 * then. Unless the dataset is {@link #mapped}, the host reads every image once, in the order of the
 * index, and keeps the bytes in memory or on the device; if they do not fit there, it reads each
 * again whenever it needs it. It closes the dataset after the run, when nothing is being read.
 */
public interface ImageDataset extends AutoCloseable {
  /** The size of every image. */
  ImageShape shape();

  /** How many images there are; positive. */
  int size();

  /** A name for each label, label 0 first; empty if the images have no labels. */
  List<String> classNames();

  /**
   * Writes image {@code index} to {@code target} from {@code offset} on: {@link
   * ImageShape#elements()} bytes, channel by channel, row by row.
   *
   * @throws IOException if the image cannot be read; the message names the file
   */
  void read(int index, byte[] target, int offset) throws IOException;

  /** The label of image {@code index}, from 0; not called if there are no class names. */
  int label(int index);

  /** How bytes become pixels. */
  PixelNormalization normalization();

  /**
   * Whether reading an image costs no more than copying its bytes, as from a memory-mapped file, so
   * that the host may read images in any order, whenever it needs them, and keep none.
   */
  default boolean mapped() {
    return false;
  }

  /**
   * Changes a training batch at random, as array code on the device: flips, crops. All chance is in
   * the draws; no field may change.
   *
   * @param images pixels [N,C,H,W] float32, already normalised
   * @param noise the draws of this step
   * @return an array of the same shape; {@code images} itself if nothing changes
   */
  default NDArray augment(NDArray images, Noise noise) {
    return images;
  }

  @Override
  default void close() throws IOException {}
}
