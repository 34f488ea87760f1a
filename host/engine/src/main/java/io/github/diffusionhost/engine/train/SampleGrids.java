package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.engine.data.ImageSpec;
import io.github.diffusionhost.engine.image.ImageGrid;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.sample.ImageGenerator;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The sample grids of a training. */
final class SampleGrids implements AutoCloseable {
  private final TrainingPlan plan;
  private final RunDirectory directory;
  private final TrainingState state;
  private final TrainListener listener;
  private final ImageGenerator generator;

  SampleGrids(
      TrainingPlan plan, RunDirectory directory, TrainingState state, TrainListener listener) {
    this.plan = plan;
    this.directory = directory;
    this.state = state;
    this.listener = listener;
    this.generator =
        new ImageGenerator(
            plan.network(),
            ImageSpec.of(plan.dataset()),
            plan.network().manager(),
            plan.options().execution());
  }

  /**
   * Draws a grid of the averaged weights, and at the end of the trained ones, too, to compare.
   *
   * @param missing whether to draw only what has no file yet
   */
  void draw(RunLog log, boolean last, boolean missing) throws IOException {
    Path file = directory.samples(state.done());
    if (!(missing && Files.exists(file))) {
      draw(file, state.averaged(), log::samples);
    }
    Path raw = directory.trainedSamples(state.done());
    if (last && comparesTrained() && !(missing && Files.exists(raw))) {
      draw(raw, plan.network().weights(), log::trainedSamples);
    }
  }

  @Override
  public void close() {
    generator.close();
  }

  private boolean comparesTrained() {
    return state.averaged() != plan.network().weights();
  }

  private void draw(Path file, Weights weights, Keep keep) throws IOException {
    BufferedImage grid = grid(weights);
    if (grid != null) {
      keep.grid(file, grid, state.done());
      listener.sampled(file);
    }
  }

  /** Where a grid goes. */
  @FunctionalInterface
  private interface Keep {
    void grid(Path file, BufferedImage grid, long step) throws IOException;
  }

  /** The grid; null if the sampler or the network fails, which ends no training. */
  private @Nullable BufferedImage grid(Weights weights) throws IOException {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray pixels =
          generator.generate(
              plan.samples(), weights, 0, plan.sampleCount(), null, Sampling.Listener.NONE);
      ImageGrid drawn = ImageGrid.of(plan.dataset().normalization().toBytes(pixels));
      if (!plan.realImages()) {
        return drawn.render();
      }
      int[] first = IntStream.range(0, Math.min(plan.sampleCount(), plan.data().size())).toArray();
      return drawn.above(plan.data().choose(first).toByteArray()).render();
    } catch (RuntimeException | Error e) {
      listener.unsampled(state.done(), e);
      return null;
    }
  }
}
