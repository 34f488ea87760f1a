package io.github.diffusionhost.engine.train;

/** The names of the files of a checkpoint. */
public final class RunFiles {
  /** The resolved config of the run. */
  public static final String CONFIG = "config.yaml";

  /** The trained weights. */
  public static final String MODEL = "model.safetensors";

  /** The optimizer's moments. */
  public static final String OPTIMIZER = "optimizer.safetensors";

  private RunFiles() {}

  /** A running average of the weights, by its place in the config's list. */
  public static String ema(int index) {
    return index == 0 ? "ema.safetensors" : "ema-" + index + ".safetensors";
  }
}
