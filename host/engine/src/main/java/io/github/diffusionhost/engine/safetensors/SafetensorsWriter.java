package io.github.diffusionhost.engine.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.google.gson.stream.JsonWriter;
import io.github.diffusionhost.engine.files.AtomicFile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files that the reference implementation reads. The bytes depend only on what
 * is given: the header lists the tensors in the order of the map; the data follow in the same
 * order, those of wider elements first, so that each is aligned to its element, and the header is
 * padded with spaces to a multiple of 8 bytes.
 */
public final class SafetensorsWriter {
  private static final int BUFFER_BYTES = 8 << 20;

  private SafetensorsWriter() {}

  /**
   * Writes a file: aside, forced to the disk, then renamed.
   *
   * @param tensors by name, in the order of the header
   * @param metadata texts for {@code __metadata__}
   * @throws IOException if the file cannot be written; nothing is left of it, and a file that was
   *     there before is untouched
   * @throws IllegalArgumentException if an array has a type that the format lacks, or a tensor is
   *     named {@code __metadata__}
   */
  public static void write(Path path, Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    AtomicFile.write(path, channel -> write(channel, tensors, metadata));
  }

  /** Writes the same bytes to an open channel. */
  public static void write(
      WritableByteChannel channel, Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, NDArray>> layout = layout(tensors);
    AtomicFile.writeFully(channel, header(infos(tensors, layout), metadata));
    for (Map.Entry<String, NDArray> tensor : layout) {
      writeData(channel, tensor.getValue());
    }
  }

  /** How many bytes {@link #write} would write, within a few kilobytes: the data alone. */
  public static long dataBytes(Map<String, NDArray> tensors) {
    return tensors.values().stream()
        .mapToLong(array -> array.getShape().size() * array.getDataType().getNumOfBytes())
        .sum();
  }

  /** In the order of their data: wide elements first, else as given. */
  private static List<Map.Entry<String, NDArray>> layout(Map<String, NDArray> tensors) {
    Comparator<Map.Entry<String, NDArray>> widestFirst =
        Comparator.comparingInt(
                (Map.Entry<String, NDArray> tensor) ->
                    type(tensor.getKey(), tensor.getValue()).bytes())
            .reversed();
    return tensors.entrySet().stream().sorted(widestFirst).toList();
  }

  private static TensorType type(String name, NDArray array) {
    return TensorType.of(array.getDataType())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "tensor '"
                        + name
                        + "' is "
                        + array.getDataType()
                        + ", which cannot be written to a safetensors file"));
  }

  private static Map<String, TensorInfo> infos(
      Map<String, NDArray> tensors, List<Map.Entry<String, NDArray>> layout) {
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    for (String name : tensors.keySet()) {
      if (name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("a tensor cannot be named " + name);
      }
      infos.put(name, new TensorInfo(TensorType.U8, new Shape(0), 0, 0));
    }
    long begin = 0;
    for (Map.Entry<String, NDArray> tensor : layout) {
      String name = tensor.getKey();
      NDArray array = tensor.getValue();
      TensorType type = type(name, array);
      long end = begin + array.getShape().size() * type.bytes();
      infos.put(name, new TensorInfo(type, array.getShape(), begin, end));
      begin = end;
    }
    return infos;
  }

  private static ByteBuffer header(Map<String, TensorInfo> infos, Map<String, String> metadata)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      json.beginObject();
      if (!metadata.isEmpty()) {
        json.name(SafetensorsHeader.METADATA).beginObject();
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
      }
      for (Map.Entry<String, TensorInfo> entry : infos.entrySet()) {
        writeInfo(json.name(entry.getKey()), entry.getValue());
      }
      json.endObject();
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (bytes.length + 7) / 8 * 8;
    ByteBuffer header =
        ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded);
    header.put(bytes);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void writeInfo(JsonWriter json, TensorInfo info) throws IOException {
    json.beginObject();
    json.name("dtype").value(info.type().name());
    json.name("shape").beginArray();
    for (long size : info.shape().getShape()) {
      json.value(size);
    }
    json.endArray();
    json.name("data_offsets").beginArray().value(info.begin()).value(info.end()).endArray();
    json.endObject();
  }

  private static void writeData(WritableByteChannel channel, NDArray array) throws IOException {
    long elements = array.getShape().size();
    long elementsAtOnce = BUFFER_BYTES / array.getDataType().getNumOfBytes();
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray flat = array.reshape(elements);
      flat.attach(scope);
      for (long from = 0; from < elements; from += elementsAtOnce) {
        long to = Math.min(elements, from + elementsAtOnce);
        try (NDArray part = flat.get(new NDIndex("{}:{}", from, to))) {
          AtomicFile.writeFully(channel, part.toByteBuffer(false));
        }
      }
    }
  }
}
