package io.github.diffusionhost.plugins.mlflow.store;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.diffusionhost.api.files.Aside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Under which a store knows a run: a small JSON file in the run's folder, so that a run that is
 * resumed goes on there.
 *
 * @param store the server or folder
 */
public record RunKey(String store, String experiment, String run) {
  private static final String STORE = "uri";
  private static final String EXPERIMENT = "experiment_id";
  private static final String RUN = "run_id";

  /** Reads the file; empty if it is not there or is about another store. */
  public static Optional<RunKey> read(Path file, Address store) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      RunKey key = new RunKey(text(json, STORE), text(json, EXPERIMENT), text(json, RUN));
      return Optional.of(key).filter(known -> known.store.equals(store.toString()));
    } catch (JsonParseException | IllegalStateException e) {
      throw new IllegalArgumentException(
          file + " is not what this plugin writes; remove it, and the run is a new one of MLflow's",
          e);
    }
  }

  /** Writes the file: aside first, so that it is whole whenever it is there. */
  public void write(Path file) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty(STORE, store);
    json.addProperty(EXPERIMENT, experiment);
    json.addProperty(RUN, run);
    try (Aside aside = Aside.of(file)) {
      Files.writeString(aside.path(), json + "\n");
      aside.moveIntoPlace();
    }
  }

  private static String text(JsonObject json, String name) {
    if (!json.has(name)) {
      throw new IllegalStateException("no " + name);
    }
    return json.get(name).getAsString();
  }
}
