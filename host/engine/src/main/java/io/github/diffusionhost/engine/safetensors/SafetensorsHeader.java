package io.github.diffusionhost.engine.safetensors;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.github.diffusionhost.api.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The checked header: every tensor lies in the file, and together they fill it without gaps.
 *
 * @param tensors by name, in the header's order
 * @param metadata the texts under {@code __metadata__}; empty if there are none
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  /** The JSON reader's words end with the way to the place, names of tensors among it. */
  private static final int LONGEST_REASON = 200;

  private static final int LONGEST_PROBLEM = 400;

  /**
   * Reads and checks a header.
   *
   * @param json its bytes
   * @param dataBytes how many bytes follow it in the file
   */
  static SafetensorsHeader parse(Path file, byte[] json, long dataBytes)
      throws SafetensorsException {
    if (json.length == 0 || json[0] != '{') {
      throw new SafetensorsException(
          file, "the header does not begin with '{'; this is not a safetensors file");
    }
    try (JsonReader reader =
        new JsonReader(
            new InputStreamReader(
                new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder()))) {
      reader.setStrictness(Strictness.STRICT);
      SafetensorsHeader header = new Parser(file, reader, dataBytes).header();
      header.checkLayout(file, dataBytes);
      return header;
    } catch (SafetensorsException e) {
      throw e;
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(file, "the header is not UTF-8 text", e);
    } catch (MalformedJsonException | JsonParseException e) {
      throw notJson(file, e);
    } catch (IOException | IllegalStateException e) {
      // gson: the end of the text inside an object, and a value of another kind than expected
      throw notJson(file, e);
    }
  }

  private static SafetensorsException notJson(Path file, Exception cause) {
    return new SafetensorsException(
        file, "the header is not valid JSON: " + firstLine(cause.getMessage()), cause);
  }

  private static String firstLine(@Nullable String message) {
    return message == null
        ? "no details"
        : Printable.line(message.lines().findFirst().orElse("no details"), LONGEST_REASON);
  }

  private void checkLayout(Path file, long dataBytes) throws SafetensorsException {
    List<Map.Entry<String, TensorInfo>> inOrder = new ArrayList<>(tensors.entrySet());
    inOrder.sort(
        Comparator.<Map.Entry<String, TensorInfo>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long expected = 0;
    for (Map.Entry<String, TensorInfo> entry : inOrder) {
      long begin = entry.getValue().begin();
      if (begin != expected) {
        throw new SafetensorsException(
            file,
            begin < expected
                ? "tensor '"
                    + Printable.name(entry.getKey())
                    + "' overlaps another one at byte "
                    + begin
                : "bytes "
                    + expected
                    + " to "
                    + begin
                    + " before tensor '"
                    + Printable.name(entry.getKey())
                    + "' belong to no tensor");
      }
      expected = entry.getValue().end();
    }
    if (expected != dataBytes) {
      throw new SafetensorsException(
          file, "the last " + (dataBytes - expected) + " bytes belong to no tensor");
    }
  }

  /** Walks the JSON text; a tree would hide duplicate names. */
  private record Parser(Path file, JsonReader json, long dataBytes) {

    SafetensorsHeader header() throws IOException {
      Map<String, TensorInfo> tensors = new LinkedHashMap<>();
      Map<String, String> metadata = new LinkedHashMap<>();
      boolean metadataSeen = false;
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        if (name.equals(METADATA)) {
          if (metadataSeen) {
            throw new SafetensorsException(file, "the header has two " + METADATA);
          }
          metadataSeen = true;
          readMetadata(metadata);
        } else if (tensors.containsKey(name)) {
          throw new SafetensorsException(
              file, "two tensors are named '" + Printable.name(name) + "'");
        } else {
          tensors.put(name, readTensor(name));
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new SafetensorsException(file, "the header goes on after its JSON object");
      }
      return new SafetensorsHeader(
          Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
    }

    private void readMetadata(Map<String, String> metadata) throws IOException {
      json.beginObject();
      while (json.hasNext()) {
        String key = json.nextName();
        if (json.peek() != JsonToken.STRING) {
          throw new SafetensorsException(
              file, METADATA + " entry '" + Printable.name(key) + "' is not a text but " + kind());
        }
        if (metadata.put(key, json.nextString()) != null) {
          throw new SafetensorsException(
              file, METADATA + " has two entries '" + Printable.name(key) + "'");
        }
      }
      json.endObject();
    }

    private TensorInfo readTensor(String name) throws IOException {
      if (json.peek() != JsonToken.BEGIN_OBJECT) {
        throw bad(name, "is not described by an object but by " + kind());
      }
      TensorType type = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      json.beginObject();
      while (json.hasNext()) {
        String key = json.nextName();
        switch (key) {
          case "dtype" -> {
            requireOnce(name, key, type);
            type = readType(name);
          }
          case "shape" -> {
            requireOnce(name, key, shape);
            shape = readCounts(name, "shape");
          }
          case "data_offsets" -> {
            requireOnce(name, key, offsets);
            offsets = readCounts(name, "data_offsets");
          }
          default -> throw bad(name, "has an unknown entry '" + key + "'");
        }
      }
      json.endObject();
      if (type == null || shape == null || offsets == null) {
        throw bad(name, "needs dtype, shape and data_offsets");
      }
      return check(name, type, shape, offsets);
    }

    private void requireOnce(String name, String key, @Nullable Object seen)
        throws SafetensorsException {
      if (seen != null) {
        throw bad(name, "has two entries '" + key + "'");
      }
    }

    private TensorType readType(String name) throws IOException {
      if (json.peek() != JsonToken.STRING) {
        throw bad(name, "has a dtype that is not a text but " + kind());
      }
      String dtype = json.nextString();
      return TensorType.named(dtype)
          .orElseThrow(
              () ->
                  bad(
                      name,
                      "has dtype "
                          + dtype
                          + ", which cannot be read; supported: "
                          + List.of(TensorType.values())));
    }

    private List<Long> readCounts(String name, String key) throws IOException {
      if (json.peek() != JsonToken.BEGIN_ARRAY) {
        throw bad(name, "has a " + key + " that is not a list but " + kind());
      }
      List<Long> counts = new ArrayList<>();
      json.beginArray();
      while (json.hasNext()) {
        if (json.peek() != JsonToken.NUMBER) {
          throw bad(name, "has a " + key + " with " + kind() + " in it");
        }
        String text = json.nextString();
        if (!text.matches("\\d{1,19}")) {
          throw bad(name, "has a " + key + " with " + text + " in it, not a whole number from 0");
        }
        try {
          counts.add(Long.parseLong(text));
        } catch (NumberFormatException e) {
          throw bad(name, "has a " + key + " with " + text + " in it, which is too large");
        }
      }
      json.endArray();
      return counts;
    }

    private TensorInfo check(String name, TensorType type, List<Long> shape, List<Long> offsets)
        throws SafetensorsException {
      if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
        throw bad(name, "has data_offsets " + offsets + "; expected [begin, end]");
      }
      long begin = offsets.get(0);
      long end = offsets.get(1);
      if (end > dataBytes) {
        throw bad(
            name,
            "ends at byte "
                + end
                + " of the data, but the file has only "
                + dataBytes
                + "; it is truncated or damaged: copy or download it again");
      }
      long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
      long bytes = type.bytes();
      try {
        for (long size : sizes) {
          bytes = Math.multiplyExact(bytes, size);
        }
      } catch (ArithmeticException e) {
        throw bad(name, "has shape " + shape + ", which is too large");
      }
      if (bytes != end - begin) {
        throw bad(
            name,
            "has shape "
                + shape
                + " of "
                + type
                + ", which is "
                + bytes
                + " bytes, but data_offsets span "
                + (end - begin));
      }
      return new TensorInfo(type, new Shape(sizes), begin, end);
    }

    private String kind() throws IOException {
      return switch (json.peek()) {
        case BEGIN_ARRAY -> "a list";
        case BEGIN_OBJECT -> "an object";
        case STRING -> "a text";
        case NUMBER -> "a number";
        case BOOLEAN -> "true or false";
        case NULL -> "null";
        default -> "nothing";
      };
    }

    private SafetensorsException bad(String name, String problem) {
      return new SafetensorsException(
          file,
          "tensor '" + Printable.name(name) + "' " + Printable.line(problem, LONGEST_PROBLEM));
    }
  }
}
