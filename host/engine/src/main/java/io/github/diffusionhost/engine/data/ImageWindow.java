package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.LongBuffer;

/** The images on the device that a step chooses its own from, by index. For one thread. */
public interface ImageWindow {
  /** [M,C,H,W] uint8: always the same array, whatever it shows. */
  NDArray images();

  /**
   * Brings images into the window, in place of those that were shown before.
   *
   * @param indices the images among all
   * @param places takes the place of each within {@link #images()}, from index 0 on
   * @throws IOException if one cannot be read, or the thread is interrupted while it waits for
   *     images that are read ahead
   */
  void show(int[] indices, LongBuffer places) throws IOException;

  /**
   * Says what is likely to be shown next, so that it may be read meanwhile, in another thread. What
   * is shown does not depend on it, and what is wrong with an image is told when it is shown.
   *
   * @param indices the images among all
   */
  default void ahead(int[] indices) {}
}
