package io.github.diffusionhost.engine.run;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.engine.data.TrainingImages;
import io.github.diffusionhost.engine.options.TrainOptions;
import io.github.diffusionhost.engine.sample.SamplePlan;
import io.github.diffusionhost.engine.train.Network;

/**
 * Everything that a training is made of. All of it belongs to the caller.
 *
 * @param network the network with its initial weights
 * @param data the images and labels
 * @param dataset their normalisation and augmentation
 * @param options how to train
 * @param seed every draw follows from it
 * @param samples the grids of the run
 * @param sampleCount images of a grid
 * @param realImages whether as many images of the dataset, its first, are below them
 * @param config the resolved config, kept in every checkpoint
 */
public record TrainingPlan(
    Network network,
    TrainingImages data,
    ImageDataset dataset,
    TrainOptions options,
    long seed,
    SamplePlan samples,
    int sampleCount,
    boolean realImages,
    String config) {

  /** The length in optimizer steps. */
  public long totalSteps() {
    return options.totalSteps(data.size());
  }
}
