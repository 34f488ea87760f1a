package io.github.diffusionhost.engine.levels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.batch.DatasetBatches;
import io.github.diffusionhost.engine.batch.StepInputs;
import io.github.diffusionhost.engine.batch.TrainBatch;
import io.github.diffusionhost.engine.data.TrainingImages;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.util.List;

/**
 * The loss that training lowers, of weights as they are: without dropout, augmentation or dropped
 * labels. Images, noise and noise levels follow from the seed, so that two sets of weights are
 * compared on the same draws.
 */
public final class EvaluationLoss {
  private final ImageDataset dataset;
  private final DatasetBatches batches;
  private final Network network;
  private final LevelBins bins;

  /**
   * A loss of a network.
   *
   * @param network whose weights are evaluated as they are at each call
   * @param data the images, on the network's device
   * @param seed every draw follows from it
   */
  public EvaluationLoss(Network network, TrainingImages data, long seed) {
    this.network = network;
    this.dataset = data.dataset();
    this.batches = new DatasetBatches(data, network.manager(), seed, 0);
    this.bins = LevelBins.of(network.scheduler());
  }

  /** The bins of the result. */
  public LevelBins bins() {
    return bins;
  }

  /**
   * Evaluates the present weights.
   *
   * @param images how many images; more than there are take each several times, with other noise
   * @param batch images of a forward pass; the result does not depend on it but for rounding
   * @return what the images of each bin add up to
   */
  public List<LevelSum> of(int images, int batch) {
    NDArray all = batches.pixels(images); // made here, as it outlives the scopes below
    double[] numbers = LevelSum.numbers(List.of(), bins.count());
    for (int first = 0; first < images; first += batch) {
      try (NDScope scope = new NoGradientScope()) {
        scope.suppressNotUsedWarning();
        StepInputs inputs =
            batches.inputs(0, images, first, Math.min(batch, images - first)).on(all.getDevice());
        NDArray pixels = all.get(new NDIndex("{}", inputs.indices()));
        TrainBatch seen =
            new TrainBatch(
                dataset.normalization().normalize(pixels), inputs.labels(), inputs.loss());
        Forward pass = Forward.of(network.weights().store(), false, seen.noise());
        bins.add(network.checkedLoss(pass, seen), numbers);
      }
    }
    return LevelSum.of(numbers);
  }
}
