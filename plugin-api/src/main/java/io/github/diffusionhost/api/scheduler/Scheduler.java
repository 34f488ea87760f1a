package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import io.github.diffusionhost.api.model.Forward;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A noise process: how training draws noise levels and corrupts images, what the network is asked
 * to predict, how its error is weighted, and the samplers that turn noise into images.
 *
 * <p>Runs on the thread of the training or sampling loop. Array code only: a step is traced and
 * compiled where that is possible.
 */
public interface Scheduler {
  /**
   * The training loss of a batch.
   *
   * @param network the network with the labels of this batch bound to it
   * @param images clean images [N,C,H,W] float32, as the network sees pixels
   * @param pass the forward pass: its draws, and the way to run {@link #trainable()}
   */
  TrainingLoss loss(DenoisingNetwork network, NDArray images, Forward pass);

  /**
   * The edges of the bins in which losses are shown by level: at least two, rising, from the least
   * to the most noise that training gives, in the unit of {@link TrainingLoss#level()}. Losses
   * beyond an edge count to the bin beside it.
   */
  double[] levelEdges();

  /**
   * What happens at a level.
   *
   * @param level within {@link #levelEdges()}; the nearest one where levels are discrete
   */
  NoiseLevel at(double level);

  /** Parts that are trained along with the network and not needed in sampling (EDM2's u(σ)). */
  default @Nullable Block trainable() {
    return null;
  }

  /** The samplers that fit this process; the first is the default. */
  List<SamplerFactory<?>> samplers();
}
