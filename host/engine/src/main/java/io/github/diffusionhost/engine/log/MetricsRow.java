package io.github.diffusionhost.engine.log;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One line of {@code metrics.jsonl}: {@code {"step":50,"images":12800,"seconds":61.5,
 * "train/loss":0.71}}. JSON has no NaN and no infinities; these are the texts {@code "NaN"}, {@code
 * "Infinity"} and {@code "-Infinity"}.
 *
 * @param step optimizer steps done
 * @param images images seen
 * @param seconds since the run began, pauses between resumed parts excepted
 * @param values numbers by name, such as {@code train/loss}, in the order of the line
 */
public record MetricsRow(long step, long images, double seconds, Map<String, Double> values) {
  private static final String STEP = "step";
  private static final String IMAGES = "images";
  private static final String SECONDS = "seconds";

  /** Copies the map, in its order, and checks that no value is named like a column of its own. */
  public MetricsRow {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    for (String reserved : Set.of(STEP, IMAGES, SECONDS)) {
      if (values.containsKey(reserved)) {
        throw new IllegalArgumentException("a metric cannot be named " + reserved);
      }
    }
  }

  /** The line, without its end. */
  String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty(STEP, step);
    json.addProperty(IMAGES, images);
    add(json, SECONDS, seconds);
    values.forEach((name, value) -> add(json, name, value));
    return json.toString();
  }

  private static void add(JsonObject json, String name, double value) {
    if (Double.isFinite(value)) {
      json.addProperty(name, value);
    } else {
      json.addProperty(name, Double.toString(value));
    }
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is not a whole line of this kind
   */
  static MetricsRow parse(String line) {
    try {
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      long step = take(json, STEP).getAsLong();
      long images = take(json, IMAGES).getAsLong();
      double seconds = number(take(json, SECONDS));
      Map<String, Double> values = new LinkedHashMap<>();
      for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
        values.put(entry.getKey(), number(entry.getValue()));
      }
      return new MetricsRow(step, images, seconds, values);
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      throw new IllegalArgumentException("not a line of metrics: " + line, e);
    }
  }

  private static JsonElement take(JsonObject json, String name) {
    JsonElement element = json.remove(name);
    if (element == null) {
      throw new IllegalStateException("no " + name);
    }
    return element;
  }

  private static double number(JsonElement element) {
    return Double.parseDouble(element.getAsString());
  }
}
