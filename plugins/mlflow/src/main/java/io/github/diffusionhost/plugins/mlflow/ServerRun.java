package io.github.diffusionhost.plugins.mlflow;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A run on a server. */
final class ServerRun implements StoredRun {
  /** MAX_METRICS_PER_BATCH and MAX_PARAMS_TAGS_PER_BATCH of mlflow/utils/validation.py. */
  private static final int MOST_POINTS = 1000;

  private static final int MOST_PAIRS = 100;

  private final ServerCalls calls;
  private final RunKey key;
  private final String artifactUri;
  private final Map<String, String> parameters;

  ServerRun(ServerCalls calls, RunKey key, String artifactUri, Map<String, String> parameters) {
    this.calls = calls;
    this.key = key;
    this.artifactUri = artifactUri;
    this.parameters = Map.copyOf(parameters);
  }

  @Override
  public RunKey key() {
    return key;
  }

  @Override
  public Map<String, String> parameters() {
    return parameters;
  }

  @Override
  public void parameters(Map<String, String> added) throws IOException {
    batches("params", pairs(added), MOST_PAIRS);
  }

  @Override
  public void tags(Map<String, String> tags) throws IOException {
    batches("tags", pairs(tags), MOST_PAIRS);
  }

  @Override
  public void points(List<Point> points) throws IOException {
    JsonArray metrics = new JsonArray();
    for (Point point : points) {
      JsonObject metric = new JsonObject();
      metric.addProperty("key", point.name());
      if (Double.isFinite(point.value())) {
        metric.addProperty("value", point.value());
      } else {
        metric.addProperty("value", Double.toString(point.value())); // as protobuf's JSON has it
      }
      metric.addProperty("timestamp", point.time());
      metric.addProperty("step", point.step());
      metrics.add(metric);
    }
    batches("metrics", metrics, MOST_POINTS);
  }

  @Override
  public void artifact(Path file, String name) throws IOException {
    calls.put(ArtifactAddress.of(artifactUri, calls.base(), encoded(name)), file);
  }

  @Override
  public void ended(Status status, long time) throws IOException {
    JsonObject body = update(status);
    body.addProperty("end_time", time);
    calls.post("runs/update", body);
  }

  void running() throws IOException {
    calls.post("runs/update", update(Status.RUNNING));
  }

  static JsonArray pairs(Map<String, String> values) {
    JsonArray pairs = new JsonArray();
    values.forEach(
        (name, value) -> {
          JsonObject pair = new JsonObject();
          pair.addProperty("key", name);
          pair.addProperty("value", value);
          pairs.add(pair);
        });
    return pairs;
  }

  private JsonObject update(Status status) {
    JsonObject body = new JsonObject();
    body.addProperty("run_id", key.run());
    body.addProperty("status", status.name());
    return body;
  }

  private void batches(String kind, JsonArray all, int most) throws IOException {
    for (int start = 0; start < all.size(); start += most) {
      JsonArray batch = new JsonArray();
      for (int i = start; i < Math.min(all.size(), start + most); i++) {
        batch.add(all.get(i));
      }
      JsonObject body = new JsonObject();
      body.addProperty("run_id", key.run());
      body.add(kind, batch);
      calls.post("runs/log-batch", body);
    }
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }
}
