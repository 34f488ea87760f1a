package io.github.diffusionhost.plugins.mlflow.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.diffusionhost.plugins.mlflow.ArtifactAddress;
import io.github.diffusionhost.plugins.mlflow.store.Point;
import io.github.diffusionhost.plugins.mlflow.store.RunKey;
import io.github.diffusionhost.plugins.mlflow.store.Status;
import io.github.diffusionhost.plugins.mlflow.store.StoredRun;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A run on a server. */
final class ServerRun implements StoredRun {
  /** MAX_METRICS_PER_BATCH and MAX_PARAMS_TAGS_PER_BATCH of mlflow/utils/validation.py. */
  private static final int MOST_POINTS = 1000;

  private static final int MOST_PAIRS = 100;

  private final ServerCalls calls;
  private final RunKey key;
  private final String artifactUri;
  private final Map<String, String> parameters;
  private final Set<Point> known = new HashSet<>();

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
      if (known.contains(timeless(point))) {
        continue;
      }
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

  /** A server forgets nothing; what it has is not sent again, also not when it is done anew. */
  @Override
  public void replay(List<Point> points) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    points.forEach(point -> names.add(point.name()));
    for (String name : names) {
      String page = "";
      do {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("run_id", key.run());
        query.put("metric_key", name);
        if (!page.isEmpty()) {
          query.put("page_token", page);
        }
        JsonObject answer = history(query);
        if (answer.has("metrics")) {
          for (JsonElement metric : answer.getAsJsonArray("metrics")) {
            known.add(point(name, metric.getAsJsonObject()));
          }
        }
        page = answer.has("next_page_token") ? answer.get("next_page_token").getAsString() : "";
      } while (!page.isEmpty());
    }
    points(points);
    long last = points.stream().mapToLong(Point::step).max().orElse(0);
    known.removeIf(point -> point.step() <= last);
  }

  private JsonObject history(Map<String, String> query) throws IOException {
    try {
      return calls.get("metrics/get-history", query);
    } catch (RefusedException e) {
      if (e.notThere()) {
        return new JsonObject(); // some stores say so of a metric without points
      }
      throw e;
    }
  }

  /** The protocol's JSON has 64-bit numbers as texts, and leaves out zeros. */
  private static Point point(String name, JsonObject metric) {
    double value = metric.has("value") ? Double.parseDouble(metric.get("value").getAsString()) : 0;
    long step = metric.has("step") ? metric.get("step").getAsLong() : 0;
    return new Point(name, value, 0, step);
  }

  private static Point timeless(Point point) {
    return new Point(point.name(), point.value(), 0, point.step());
  }

  @Override
  public Set<String> artifacts(String folder) throws IOException {
    JsonObject answer = calls.get("artifacts/list", Map.of("run_id", key.run(), "path", folder));
    Set<String> names = new HashSet<>();
    if (answer.has("files")) {
      answer
          .getAsJsonArray("files")
          .forEach(file -> names.add(file.getAsJsonObject().get("path").getAsString()));
    }
    return names;
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
