package io.github.diffusionhost.plugins.mlflow;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.mlflow.store.Address;
import org.jspecify.annotations.Nullable;

/** What a person may say about MLflow. Passwords come from the environment alone. */
public record MlflowOptions(
    @Option(
            "a server, such as http://localhost:5000, or a folder; null: MLFLOW_TRACKING_URI, or"
                + " the folder mlruns where the host was started")
        @Nullable String uri,
    @Option("the experiment that the run belongs to; made if it is not there") String experiment,
    @Option("what MLflow calls the run; null: the run's name") @Nullable String runName,
    @Option("whether sample grids, the config and the report are recorded, too") boolean artifacts,
    @Option(value = "how long one request to a server may take", min = 1, max = 3600)
        int timeoutSeconds) {
  static final MlflowOptions DEFAULTS = new MlflowOptions(null, "diffusion-host", null, true, 10);

  /** MLflow's longest name of an experiment: MAX_EXPERIMENT_NAME_LENGTH of validation.py. */
  private static final int LONGEST_NAME = 500;

  /** Refuses what can never work. */
  public MlflowOptions {
    if (uri != null) {
      Address.of(uri);
    }
    if (experiment.isBlank() || experiment.length() > LONGEST_NAME) {
      throw new IllegalArgumentException("experiment needs a name of 1 to 500 characters");
    }
    if (runName != null && runName.isBlank()) {
      throw new IllegalArgumentException("runName is empty; leave it out for the run's own name");
    }
  }
}
