package io.github.diffusionhost.plugins.mlflow.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.diffusionhost.plugins.mlflow.store.RunKey;
import io.github.diffusionhost.plugins.mlflow.store.RunStore;
import io.github.diffusionhost.plugins.mlflow.store.StoredRun;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** An MLflow server: {@code experiments/} and {@code runs/} of its REST API 2.0. */
public final class ServerStore implements RunStore {
  /** A tag by which a run is found that was asked for and whose id is not known. */
  private static final String TOKEN = "diffusionhost.token";

  private static final String ASKED_FOR = "asked-for:";

  private final ServerCalls calls;

  public ServerStore(ServerCalls calls) {
    this.calls = calls;
  }

  @Override
  public StoredRun create(String experiment, String name, Memory memory) throws IOException {
    String id = experiment(experiment);
    String token = UUID.randomUUID().toString();
    memory.keep(new RunKey(calls.base().toString(), id, ASKED_FOR + token));
    JsonObject body = new JsonObject();
    body.addProperty("experiment_id", id);
    body.addProperty("run_name", name);
    body.addProperty("start_time", System.currentTimeMillis());
    body.add("tags", ServerRun.pairs(Map.of("mlflow.runName", name, TOKEN, token)));
    return run(calls.post("runs/create", body));
  }

  @Override
  public Optional<StoredRun> reopen(RunKey key) throws IOException {
    Optional<String> id = id(key);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    JsonObject answer;
    try {
      answer = calls.get("runs/get", Map.of("run_id", id.get()));
    } catch (RefusedException e) {
      if (e.notThere()) {
        return Optional.empty();
      }
      throw e;
    }
    if (!"active".equals(text(info(answer), "lifecycle_stage", "active"))) {
      return Optional.empty();
    }
    ServerRun run = run(answer);
    run.running();
    return Optional.of(run);
  }

  /** The id of a run, which the server chose and may not have been heard telling. */
  private Optional<String> id(RunKey key) throws IOException {
    if (!key.run().startsWith(ASKED_FOR)) {
      return Optional.of(key.run());
    }
    JsonObject body = new JsonObject();
    JsonArray experiments = new JsonArray();
    experiments.add(key.experiment());
    body.add("experiment_ids", experiments);
    body.addProperty(
        "filter", "tags.`%s` = '%s'".formatted(TOKEN, key.run().substring(ASKED_FOR.length())));
    body.addProperty("max_results", 1);
    JsonArray runs = calls.post("runs/search", body).getAsJsonArray("runs");
    return runs == null || runs.isEmpty()
        ? Optional.empty()
        : Optional.of(text(runs.get(0).getAsJsonObject().getAsJsonObject("info"), "run_id", ""));
  }

  /** The id of an experiment by name, which another process may make at the same time. */
  private String experiment(String name) throws IOException {
    try {
      return activeExperiment(name);
    } catch (RefusedException e) {
      if (!e.notThere()) {
        throw e;
      }
    }
    JsonObject body = new JsonObject();
    body.addProperty("name", name);
    try {
      return text(calls.post("experiments/create", body), "experiment_id", "");
    } catch (RefusedException e) {
      return activeExperiment(name); // made meanwhile; if not, this says so
    }
  }

  private String activeExperiment(String name) throws IOException {
    JsonObject experiment =
        calls
            .get("experiments/get-by-name", Map.of("experiment_name", name))
            .getAsJsonObject("experiment");
    if (!"active".equals(text(experiment, "lifecycle_stage", "active"))) {
      throw new RefusedException(
          "",
          "the experiment %s is deleted on %s; restore it, or give another experiment"
              .formatted(name, calls.base()));
    }
    return text(experiment, "experiment_id", "");
  }

  private ServerRun run(JsonObject answer) {
    JsonObject info = info(answer);
    RunKey key =
        new RunKey(
            calls.base().toString(), text(info, "experiment_id", ""), text(info, "run_id", ""));
    return new ServerRun(calls, key, text(info, "artifact_uri", ""), parameters(answer));
  }

  private static JsonObject info(JsonObject answer) {
    return answer.getAsJsonObject("run").getAsJsonObject("info");
  }

  private static Map<String, String> parameters(JsonObject answer) {
    Map<String, String> parameters = new LinkedHashMap<>();
    JsonObject data = answer.getAsJsonObject("run").getAsJsonObject("data");
    JsonArray pairs = data == null ? null : data.getAsJsonArray("params");
    if (pairs != null) {
      for (JsonElement pair : pairs) {
        parameters.put(
            text(pair.getAsJsonObject(), "key", ""), text(pair.getAsJsonObject(), "value", ""));
      }
    }
    return parameters;
  }

  private static String text(JsonObject json, String name, String otherwise) {
    JsonElement value = json.get(name);
    return value == null || value.isJsonNull() ? otherwise : value.getAsString();
  }
}
