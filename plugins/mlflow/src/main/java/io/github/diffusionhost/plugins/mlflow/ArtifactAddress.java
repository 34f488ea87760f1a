package io.github.diffusionhost.plugins.mlflow;

import io.github.diffusionhost.plugins.mlflow.server.RefusedException;
import java.net.URI;

/**
 * Where a server takes files: through itself, as servers do since MLflow 2.0 unless they are told
 * otherwise. The rule is that of {@code mlflow/store/artifact/mlflow_artifacts_repo.py}.
 */
public final class ArtifactAddress {
  private static final String PROXY = "/api/2.0/mlflow-artifacts/artifacts";

  private ArtifactAddress() {}

  /**
   * The address of one file.
   *
   * @param run the run's {@code artifact_uri}
   * @param name the file's path under it, percent-encoded
   * @throws RefusedException if the server wants clients to write elsewhere themselves
   */
  public static URI of(String run, URI server, String name) {
    URI uri = URI.create(run);
    if ("mlflow-artifacts".equals(uri.getScheme())) {
      String base =
          uri.getAuthority() == null
              ? server.toString()
              : server.getScheme() + "://" + uri.getAuthority();
      return URI.create(base + PROXY + "/" + path(uri) + "/" + name);
    }
    if ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) {
      return URI.create(run + "/" + name);
    }
    throw new RefusedException(
        "",
        "the server keeps the files of this run at %s, where only programs of its own reach; start it with --serve-artifacts, or set artifacts: false"
            .formatted(run));
  }

  private static String path(URI uri) {
    return uri.getRawPath().replaceAll("^/+|/+$", "");
  }
}
