package io.github.diffusionhost.plugins.mlflow;

import io.github.diffusionhost.api.TrackerProvider;
import io.github.diffusionhost.api.tracker.TrackedRun;
import io.github.diffusionhost.api.tracker.Tracker;
import io.github.diffusionhost.plugins.mlflow.folder.FolderStore;
import io.github.diffusionhost.plugins.mlflow.server.Credentials;
import io.github.diffusionhost.plugins.mlflow.server.ServerCalls;
import io.github.diffusionhost.plugins.mlflow.server.ServerStore;
import io.github.diffusionhost.plugins.mlflow.store.Address;
import io.github.diffusionhost.plugins.mlflow.store.RunStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.pf4j.Extension;

/**
 * Records runs with MLflow. Beside the options it reads the variables that MLflow's own clients
 * read: {@code MLFLOW_TRACKING_URI}, {@code MLFLOW_TRACKING_USERNAME} with {@code
 * MLFLOW_TRACKING_PASSWORD}, and {@code MLFLOW_TRACKING_TOKEN}.
 */
@Extension
public final class MlflowProvider implements TrackerProvider<MlflowOptions> {
  private static final String DEFAULT_URI = "mlruns";

  private final Map<String, String> environment;

  public MlflowProvider() {
    this(System.getenv());
  }

  MlflowProvider(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public String name() {
    return "mlflow";
  }

  @Override
  public String summary() {
    return "numbers, sample grids and the config of a run to an MLflow server or folder";
  }

  @Override
  public MlflowOptions defaults() {
    return MlflowOptions.DEFAULTS;
  }

  @Override
  public Tracker start(MlflowOptions options, TrackedRun run) throws IOException {
    Address address = address(options);
    return MlflowTracker.start(store(address, options), address, options, run);
  }

  private Address address(MlflowOptions options) {
    if (options.uri() != null) {
      return Address.of(options.uri());
    }
    String variable = environment.getOrDefault("MLFLOW_TRACKING_URI", "");
    return Address.of(variable.isBlank() ? DEFAULT_URI : variable);
  }

  private RunStore store(Address address, MlflowOptions options) {
    if (address instanceof Address.Server server) {
      return new ServerStore(
          new ServerCalls(
              server.base(),
              Credentials.of(environment),
              Duration.ofSeconds(options.timeoutSeconds())));
    }
    return new FolderStore(((Address.Folder) address).root());
  }
}
