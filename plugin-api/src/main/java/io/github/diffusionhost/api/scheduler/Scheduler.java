package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NoiseCondition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A noise process: how training draws noise levels and corrupts images, what the network is asked
 * to predict, how its error is weighted, and the samplers that turn noise into images.
 *
 * <p>Runs on the thread of the training or sampling loop. Array code only, which does the same
 * whenever it runs: a step is traced and compiled where that is possible, and stands for the code
 * of that moment. No field may count or change.
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
   * What happens at a level, in training and in sampling.
   *
   * @param level within {@link #levelEdges()}; the nearest one where levels are discrete
   */
  NoiseLevel at(double level);

  /** The unit of the noise condition that the network is given. */
  default NoiseCondition condition() {
    return NoiseCondition.TIMESTEP;
  }

  /**
   * The noise condition that the network is given at a level in sampling.
   *
   * @param level within {@link #levelEdges()}
   */
  double conditionAt(double level);

  /**
   * The levels that a sampling in so many steps goes through, falling, the clean end left out.
   *
   * @param steps at least 1
   * @return [steps]; evenly spaced between the outer edges if not overridden
   */
  default double[] samplingLevels(int steps) {
    double[] edges = levelEdges();
    double least = edges[0];
    double most = edges[edges.length - 1];
    double[] levels = new double[steps];
    for (int i = 0; i < steps; i++) {
      levels[i] = steps == 1 ? most : most + i * (least - most) / (steps - 1);
    }
    return levels;
  }

  /** Parts that are trained along with the network and not needed in sampling (EDM2's u(σ)). */
  default @Nullable Block trainable() {
    return null;
  }

  /**
   * As {@link io.github.diffusionhost.api.model.Denoiser#renormalized}, of {@link #trainable()}.
   */
  default Map<Parameter, NDArray> renormalized(Forward pass) {
    return Map.of();
  }

  /**
   * What else of this process depends on the noise level and changes in training, to be logged by
   * level: EDM2's u(σ).
   *
   * @param pass a pass without training
   * @param levels [N] float32
   * @return [N] float32 by name: lower-case letters, digits and underscores
   */
  default Map<String, NDArray> curves(Forward pass, NDArray levels) {
    return Map.of();
  }

  /** The samplers that fit this process; the first is the default. */
  List<SamplerFactory<?>> samplers();
}
