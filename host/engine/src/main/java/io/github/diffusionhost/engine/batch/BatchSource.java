package io.github.diffusionhost.engine.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;

/** Training batches by the number of their step. */
public interface BatchSource {
  /** The size of every image. */
  ImageShape shape();

  /** The type of the images on the device. */
  default DataType type() {
    return DataType.UINT8;
  }

  /**
   * The images on the device that those of a batch are chosen from by index, [M,C,H,W] of {@link
   * #type}: always the same array, though it may show others after each {@link #inputs}.
   *
   * @param batchSize images of a whole batch
   */
  NDArray pixels(int batchSize);

  /** Whether the images have labels. */
  boolean labelled();

  /**
   * What the network sees of chosen pixels: normalisation and augmentation, as array code.
   *
   * @param pixels some of {@link #pixels}, [N,C,H,W]
   * @param augmentation the draws
   * @return [N,C,H,W] float32
   */
  NDArray images(NDArray pixels, Noise augmentation);

  /**
   * What makes a part of the batch of a step. Its indices are good until the next call.
   *
   * @param step from 0
   * @param batchSize images of the whole batch
   * @param first the first image of the part within the batch
   * @param count the images of the part
   * @throws java.io.UncheckedIOException if an image cannot be read
   */
  StepInputs inputs(long step, int batchSize, int first, int count);

  /** A part of the batch of a step, with its images; parameters as in {@link #inputs}. */
  default TrainBatch batch(long step, int batchSize, int first, int count) {
    StepInputs given = inputs(step, batchSize, first, count);
    NDArray all = pixels(batchSize);
    StepInputs inputs = given.on(all.getDevice());
    NDArray pixels = all.get(new NDIndex("{}", inputs.indices()));
    return new TrainBatch(images(pixels, inputs.augmentation()), inputs.labels(), inputs.loss());
  }
}
