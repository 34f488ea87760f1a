package io.github.diffusionhost.engine.step;

import io.github.diffusionhost.engine.batch.BatchSource;
import io.github.diffusionhost.engine.levels.LevelBins;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.optimize.OptimizerState;
import io.github.diffusionhost.engine.schedule.Ema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a training step works on; all of it belongs to the caller.
 *
 * @param network the network
 * @param batches what it learns from
 * @param batchSize images of a step
 * @param microBatch images of a forward pass; divides the batch size. Null: the step chooses
 * @param optimizer changes the network's trainable weights, and what it keeps of them
 * @param clipNorm the largest gradient norm; 0: no clipping
 * @param averages running averages that take every step in
 * @param levels the noise levels by which losses are told apart
 */
public record TrainingSetup(
    Network network,
    BatchSource batches,
    int batchSize,
    @Nullable Integer microBatch,
    OptimizerState optimizer,
    double clipNorm,
    List<Ema> averages,
    LevelBins levels) {
  /** Copies the list. */
  public TrainingSetup {
    averages = List.copyOf(averages);
  }

  /** With the bins of the network's scheduler, and nothing known of the images. */
  public TrainingSetup(
      Network network,
      BatchSource batches,
      int batchSize,
      @Nullable Integer microBatch,
      OptimizerState optimizer,
      double clipNorm,
      List<Ema> averages) {
    this(
        network,
        batches,
        batchSize,
        microBatch,
        optimizer,
        clipNorm,
        averages,
        LevelBins.of(network.scheduler()));
  }
}
