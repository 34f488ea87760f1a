package io.github.diffusionhost.engine.golden;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.diffusionhost.engine.safetensors.SafetensorsException;
import io.github.diffusionhost.engine.safetensors.SafetensorsFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tensors of which some values are kept, with the norm of each whole one; or all values of all. */
public final class SampledTensors {
  /** The metadata of a file that keeps every so many'th of the sampled values. */
  public static final String EVERY = "every";

  /** The most values of a tensor that are sampled. */
  public static final int MOST = 601;

  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, JsonObject> listing = new LinkedHashMap<>();
  private final JsonObject notes;
  private final int every;

  private SampledTensors(JsonObject notes, int every) {
    this.notes = notes;
    this.every = every;
  }

  static SampledTensors of(SafetensorsFile file, JsonObject notes, NDManager manager)
      throws SafetensorsException {
    SampledTensors all =
        new SampledTensors(notes, Integer.parseInt(file.metadata().getOrDefault(EVERY, "1")));
    for (Map.Entry<String, NDArray> entry : file.readAll(manager).entrySet()) {
      try (NDArray array = entry.getValue()) {
        all.values.put(entry.getKey(), array.toFloatArray());
      }
    }
    JsonArray tensors = notes.getAsJsonArray("tensors");
    if (tensors != null) {
      tensors.forEach(
          each -> {
            JsonObject tensor = each.getAsJsonObject();
            all.listing.put(tensor.get("name").getAsString(), tensor);
          });
    }
    return all;
  }

  /** The places at which a sampled tensor of so many elements is kept: floor(j·n/601). */
  public static int[] places(int elements) {
    return elements <= MOST
        ? IntStream.range(0, elements).toArray()
        : IntStream.range(0, MOST).map(j -> (int) ((long) j * elements / MOST)).toArray();
  }

  /** The names of the tensors. */
  public Set<String> names() {
    return values.keySet();
  }

  /** What else is known. */
  public JsonObject notes() {
    return notes;
  }

  /** How many elements the whole tensor has. */
  public int elements(String name) {
    JsonObject listed = listing.get(name);
    return listed == null ? kept(name).length : listed.get("numel").getAsInt();
  }

  /** The norm of the whole tensor. */
  public double l2(String name) {
    JsonObject listed = listing.get(name);
    return listed == null ? norm(kept(name)) : listed.get("l2").getAsDouble();
  }

  /** The largest absolute value of the whole tensor. */
  public double absMax(String name) {
    JsonObject listed = listing.get(name);
    if (listed != null) {
      return listed.get("absmax").getAsDouble();
    }
    double most = 0;
    for (float value : kept(name)) {
      most = Math.max(most, Math.abs((double) value));
    }
    return most;
  }

  /** The kept elements of a tensor. */
  public float[] kept(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  /**
   * The elements of a whole tensor at the places of those that are kept.
   *
   * @throws IllegalArgumentException if the tensor has another size
   */
  public float[] sample(String name, float[] whole) {
    if (whole.length != elements(name)) {
      throw new IllegalArgumentException(
          name + " has " + elements(name) + " elements, not " + whole.length);
    }
    int[] places =
        listing.isEmpty() ? IntStream.range(0, whole.length).toArray() : places(whole.length);
    float[] sampled = new float[(places.length + every - 1) / every];
    for (int i = 0; i < sampled.length; i++) {
      sampled[i] = whole[places[i * every]];
    }
    return sampled;
  }

  /** The largest difference between the kept elements and those of a whole tensor. */
  public double difference(String name, float @Nullable [] whole) {
    if (whole == null) {
      return Double.POSITIVE_INFINITY;
    }
    float[] found = sample(name, whole);
    float[] expected = kept(name);
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    return worst;
  }

  /** The norm of values, added up in float64. */
  public static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
