package io.github.diffusionhost.engine.data;

import ai.djl.Device;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.engine.device.DeviceRoom;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of a dataset may be in a device's memory for good.
 *
 * @param bytes of all images; more than {@link #ARRAY} never are
 */
record ResidentLimit(long bytes) {
  /** What an array of the JVM, through which they are copied, holds: 2 GiB. */
  static final long ARRAY = Integer.MAX_VALUE;

  private static final Logger LOG = LoggerFactory.getLogger(ResidentLimit.class);

  /** The part of a GPU's memory that is left to images; the others are for the network. */
  private static final int PARTS = 4;

  /**
   * The bytes that a device has room for: 2 GiB, and on a GPU no more than a quarter of its memory.
   */
  static long of(Device device) {
    return of(device, DeviceRoom::gpuBytes);
  }

  /**
   * The same of a GPU that says how much it has.
   *
   * @param gpu all memory of a GPU in bytes
   */
  static long of(Device device, ToLongFunction<Device> gpu) {
    return device.isGpu() ? Math.min(ARRAY, gpu.applyAsLong(device) / PARTS) : ARRAY;
  }

  /** Whether the images of a dataset fit; if they do not, the log says what is done instead. */
  boolean admits(ImageDataset source) {
    long total = (long) source.size() * source.shape().elements();
    long most = Math.min(bytes, ARRAY);
    if (total > most) {
      LOG.info(
          String.format(
              Locale.ROOT,
              "the dataset's %,d images have %,d bytes, of which up to %,d stay in memory: each image is read anew when it is trained on, ahead of its step",
              source.size(),
              total,
              most));
    }
    return total <= most;
  }
}
