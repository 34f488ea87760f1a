package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.engine.checkpoint.CheckpointState;
import io.github.diffusionhost.engine.data.TrainingImages;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.options.TrainOptions;
import io.github.diffusionhost.engine.sample.SamplePlan;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything that a training is made of. All of it belongs to the caller.
 *
 * @param network the network with its initial weights
 * @param data the images and labels
 * @param options how to train
 * @param seed every draw follows from it
 * @param samples the grids of the run
 * @param sampleCount images of a grid
 * @param realImages whether as many images of the dataset, its first, are below them
 * @param config the resolved config, kept in every checkpoint
 * @param run the id of the run, kept in every checkpoint; empty: it has none
 * @param plugins the versions of the plugins in use by their ids, kept in every checkpoint
 */
public record TrainingPlan(
    Network network,
    TrainingImages data,
    TrainOptions options,
    long seed,
    SamplePlan samples,
    int sampleCount,
    boolean realImages,
    String config,
    String run,
    Map<String, String> plugins) {

  private static final String RUN = "run";
  private static final String PLUGIN = "plugin.";

  /** Copies the map. */
  public TrainingPlan {
    plugins = Map.copyOf(plugins);
  }

  /**
   * The versions of the plugins that a checkpoint was made with, by their ids; empty if it does not
   * say.
   */
  public static Map<String, String> plugins(CheckpointState state) {
    Map<String, String> versions = new TreeMap<>();
    state
        .strings()
        .forEach(
            (key, version) -> {
              if (key.startsWith(PLUGIN)) {
                versions.put(key.substring(PLUGIN.length()), version);
              }
            });
    return versions;
  }

  /** The id of the run that a checkpoint was made in; empty if it does not say. */
  public static Optional<String> run(CheckpointState state) {
    return Optional.ofNullable(state.strings().get(RUN));
  }

  /** The dataset of the images. */
  public ImageDataset dataset() {
    return data.dataset();
  }

  /** What {@link #run(CheckpointState)} and {@link #plugins(CheckpointState)} read. */
  Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    if (!run.isEmpty()) {
      texts.put(RUN, run);
    }
    plugins.forEach((id, version) -> texts.put(PLUGIN + id, version));
    return texts;
  }

  /** The length in optimizer steps. */
  public long totalSteps() {
    return options.totalSteps(data.size());
  }
}
