package io.github.diffusionhost.engine.checkpoint;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import io.github.diffusionhost.api.text.Utf8;
import io.github.diffusionhost.engine.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * {@code state.json}: the state, the size and checksum of every other file, and, last, a checksum
 * over all of this.
 *
 * @param state what the trainer wrote
 * @param files the other files by name
 */
record StateFile(CheckpointState state, Map<String, StoredFile> files) {
  static final String NAME = "state.json";

  /** Grows when an older program could not read a newer checkpoint. */
  static final int FORMAT_VERSION = 1;

  private static final long MAX_BYTES = 10_000_000;

  /** Size and SHA-256 of a file. */
  record StoredFile(long bytes, String sha256) {}

  byte[] toBytes() {
    JsonObject json = new JsonObject();
    json.addProperty("formatVersion", FORMAT_VERSION);
    json.addProperty("step", state.step());
    json.addProperty("images", state.images());
    json.add("longs", object(state.longs(), JsonPrimitive::new));
    // as texts: JSON has no NaN and no infinities
    json.add("doubles", object(state.doubles(), value -> new JsonPrimitive(value.toString())));
    json.add("strings", object(state.strings(), JsonPrimitive::new));
    json.add(
        "files",
        object(
            files,
            file -> {
              JsonObject entry = new JsonObject();
              entry.addProperty("bytes", file.bytes());
              entry.addProperty("sha256", file.sha256());
              return entry;
            }));
    json.addProperty("sha256", checksum(json));
    Gson pretty = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    return (pretty.toJson(json) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads and checks the file of a checkpoint.
   *
   * @throws CheckpointException if it is missing, damaged or of a newer format; the message says
   *     which, without the folder
   */
  static StateFile read(Path folder) throws CheckpointException {
    JsonObject json = parse(folder.resolve(NAME));
    try {
      int version = json.get("formatVersion").getAsInt();
      if (version != FORMAT_VERSION) {
        throw new CheckpointException(
            NAME
                + " has format version "
                + version
                + "; this program reads version "
                + FORMAT_VERSION
                + (version > FORMAT_VERSION ? ": use the newer program that wrote it" : ""));
      }
      String checksum = json.remove("sha256").getAsString();
      if (!checksum.equals(checksum(json))) {
        throw new CheckpointException(NAME + " was changed after it was written");
      }
      CheckpointState state =
          new CheckpointState(
              json.get("step").getAsLong(),
              json.get("images").getAsLong(),
              map(json, "longs", JsonElement::getAsLong),
              map(json, "doubles", value -> Double.valueOf(value.getAsString())),
              map(json, "strings", JsonElement::getAsString));
      return new StateFile(state, map(json, "files", StateFile::storedFile));
    } catch (NullPointerException
        | IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | ClassCastException e) {
      // what gson throws for an entry that is missing or of another kind
      throw new CheckpointException(NAME + " lacks an entry or has one of the wrong kind", e);
    }
  }

  private static JsonObject parse(Path file) throws CheckpointException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new CheckpointException(NAME + " has " + Files.size(file) + " bytes, far too many");
      }
      Gson gson = new GsonBuilder().setStrictness(Strictness.STRICT).create();
      JsonObject json = gson.fromJson(text(Files.readAllBytes(file)), JsonObject.class);
      if (json == null) {
        throw new CheckpointException(NAME + " is empty");
      }
      return json;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(NAME + " is missing", e);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointException(NAME + " cannot be read: " + e, e);
    } catch (JsonParseException | ClassCastException e) {
      throw new CheckpointException(NAME + " is not a JSON object", e);
    }
  }

  private static String text(byte[] bytes) throws CheckpointException {
    try {
      return Utf8.decode(NAME, bytes);
    } catch (IOException e) {
      throw new CheckpointException(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    }
  }

  private static StoredFile storedFile(JsonElement entry) {
    JsonObject file = entry.getAsJsonObject();
    return new StoredFile(file.get("bytes").getAsLong(), file.get("sha256").getAsString());
  }

  private static String checksum(JsonObject json) {
    return Sha256.of(new Gson().toJson(json).getBytes(StandardCharsets.UTF_8));
  }

  private static <T> JsonObject object(Map<String, T> map, Function<T, JsonElement> toJson) {
    JsonObject object = new JsonObject();
    map.forEach((key, value) -> object.add(key, toJson.apply(value)));
    return object;
  }

  private static <T> Map<String, T> map(
      JsonObject json, String key, Function<JsonElement, T> fromJson) {
    Map<String, T> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonElement> entry : json.getAsJsonObject(key).entrySet()) {
      map.put(entry.getKey(), fromJson.apply(entry.getValue()));
    }
    return Collections.unmodifiableMap(map);
  }
}
