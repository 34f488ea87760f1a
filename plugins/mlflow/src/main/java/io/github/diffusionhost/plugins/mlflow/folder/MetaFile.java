package io.github.diffusionhost.plugins.mlflow.folder;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.api.text.Utf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A {@code meta.yaml} of MLflow's file store: one mapping of texts, whole numbers and nothing. */
final class MetaFile {
  static final String NAME = "meta.yaml";

  private static final int DEEPEST = 20;

  private static final Gson TEXT =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private MetaFile() {}

  /** Reads the file of a folder. */
  static Map<String, @Nullable Object> read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    try {
      String text = Utf8.read(file);
      requireShallow(file, text);
      Object read = new Load(LoadSettings.builder().build()).loadFromString(text);
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      if (read instanceof Map<?, ?> mapping) {
        mapping.forEach((name, value) -> values.put(String.valueOf(name), value));
      }
      return values;
    } catch (YamlEngineException e) {
      throw new IOException(file + " is not the YAML that MLflow writes", e);
    }
  }

  /** What the library would follow until the stack is full is no file of MLflow's. */
  private static void requireShallow(Path file, String text) throws IOException {
    int depth = 0;
    for (Event event : new Parse(LoadSettings.builder().build()).parseString(text)) {
      if (event instanceof CollectionStartEvent) {
        depth++;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
      if (depth > DEEPEST) {
        throw new IOException(file + " is not the YAML that MLflow writes");
      }
    }
  }

  /**
   * Writes the file of a folder: aside first, so that it is whole whenever it is there. Texts are
   * in double quotes, so that no reader takes one for a number or a truth value.
   */
  static void write(Path folder, Map<String, @Nullable Object> values) throws IOException {
    List<String> lines = new ArrayList<>();
    values.forEach((name, value) -> lines.add(name + ": " + TEXT.toJson(value)));
    try (Aside aside = Aside.of(folder.resolve(NAME))) {
      Files.write(aside.path(), lines);
      aside.moveIntoPlace();
    }
  }

  /** A value as text; empty if it is not there. */
  static String text(Map<String, @Nullable Object> values, String name) {
    Object value = values.get(name);
    return value == null ? "" : value.toString();
  }
}
