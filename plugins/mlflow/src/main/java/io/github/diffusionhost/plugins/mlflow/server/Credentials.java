package io.github.diffusionhost.plugins.mlflow.server;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who one is to a server.
 *
 * @param header the value of {@code Authorization}; null: nobody
 */
public record Credentials(@Nullable String header) {
  static final String REMEDY =
      "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN";

  /** A name and password count more than a token, as with MLflow's own clients. */
  public static Credentials of(Map<String, String> environment) {
    String user = environment.get("MLFLOW_TRACKING_USERNAME");
    String password = environment.get("MLFLOW_TRACKING_PASSWORD");
    String token = environment.get("MLFLOW_TRACKING_TOKEN");
    if (user != null && password != null) {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return new Credentials("Basic " + Base64.getEncoder().encodeToString(pair));
    }
    return new Credentials(token == null ? null : "Bearer " + token.strip());
  }

  /** Never the header. */
  @Override
  public String toString() {
    return header == null ? "none" : "given";
  }
}
