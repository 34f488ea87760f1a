package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.levels.ReferenceCurves;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The folder of a run and the names in it.
 *
 * @param root the folder
 */
public record RunDirectory(Path root) {
  /** The resolved config. */
  public Path config() {
    return root.resolve("config.yaml");
  }

  /** What the run was made from: versions, plugin jars, device, seed, data. */
  public Path manifest() {
    return root.resolve("manifest.json");
  }

  /** Numbers over time, one JSON object a line. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** What losses by noise level are compared with; see {@link ReferenceCurves}. */
  public Path references() {
    return root.resolve("references.json");
  }

  /** The folder of checkpoints. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** The folder of snapshots of power-function averages. */
  public Path emaSnapshots() {
    return root.resolve("ema-snapshots");
  }

  /** What metrics found, a JSON object a line. */
  public Path evaluations() {
    return root.resolve("evaluations.jsonl");
  }

  /** The figures of metrics. */
  public Path evaluationFigures() {
    return root.resolve("evaluations");
  }

  /** The folder of sample grids. */
  public Path samples() {
    return root.resolve("samples");
  }

  /** The sample grid after a number of steps. */
  public Path samples(long step) {
    return samples().resolve(String.format(Locale.ROOT, "step-%06d.png", step));
  }

  /** The same of the trained weights, where {@link #samples} is of averaged ones. */
  public Path trainedSamples(long step) {
    return samples().resolve(String.format(Locale.ROOT, "step-%06d-model.png", step));
  }
}
