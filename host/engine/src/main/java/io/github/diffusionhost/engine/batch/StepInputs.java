package io.github.diffusionhost.engine.batch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import org.jspecify.annotations.Nullable;

/**
 * What makes a batch.
 *
 * @param indices its images among {@link BatchSource#pixels}, [N] int64; on the device or on the
 *     CPU, from where a compiled step takes them without waiting for the device
 * @param labels [N] int64, where the indices are; null if there are none
 * @param augmentation the draws of the augmentation
 * @param loss the draws of the loss and of dropout
 */
public record StepInputs(
    NDArray indices, @Nullable NDArray labels, Noise augmentation, Noise loss) {

  /** The same with arrays on a device: themselves if they are there. */
  public StepInputs on(Device device) {
    return new StepInputs(
        indices.toDevice(device, false),
        labels == null ? null : labels.toDevice(device, false),
        augmentation,
        loss);
  }
}
