package io.github.diffusionhost.engine.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An open safetensors file. Everything the header says is checked against the file before any
 * tensor is touched; tensors are read on request, through a small buffer. For one thread at a time.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The largest header, as in the reference implementation. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  private static final int BUFFER_BYTES = 8 << 20;

  private final Path path;
  private final FileChannel channel;
  private final long dataStart;
  private final SafetensorsHeader header;
  private final ByteBuffer buffer;

  private SafetensorsFile(
      Path path, FileChannel channel, long dataStart, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.dataStart = dataStart;
    this.header = header;
    long largest = header.tensors().values().stream().mapToLong(TensorInfo::bytes).max().orElse(0);
    this.buffer =
        ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, largest))
            .order(ByteOrder.nativeOrder());
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws SafetensorsException if it does not exist, cannot be read or is not a sound safetensors
   *     file
   */
  public static SafetensorsFile open(Path path) throws SafetensorsException {
    if (Files.isDirectory(path)) {
      throw new SafetensorsException(path, "is a folder; give the .safetensors file in it");
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new SafetensorsException(path, "there is no such file", e);
    } catch (IOException e) {
      throw new SafetensorsException(path, "cannot be opened: " + e, e);
    }
    boolean opened = false;
    try {
      SafetensorsFile file = read(path, channel);
      opened = true;
      return file;
    } catch (SafetensorsException e) {
      throw e;
    } catch (IOException e) {
      throw new SafetensorsException(path, "cannot be read: " + e, e);
    } finally {
      if (!opened) {
        closeQuietly(channel);
      }
    }
  }

  private static SafetensorsFile read(Path path, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw new SafetensorsException(
          path,
          (size == 0 ? "is empty" : "has only " + size + " bytes")
              + "; this is not a safetensors file, or it was cut short: copy or download it again");
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length, 0);
    long headerBytes = length.flip().getLong();
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw new SafetensorsException(
          path,
          "claims a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes, more than the "
              + MAX_HEADER_BYTES
              + " allowed; this is not a safetensors file");
    }
    long dataStart = Long.BYTES + headerBytes;
    if (dataStart > size) {
      throw new SafetensorsException(
          path,
          "claims a header of "
              + headerBytes
              + " bytes, but the whole file has only "
              + size
              + "; it was cut short or is not a safetensors file");
    }
    ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
    readFully(channel, json, Long.BYTES);
    SafetensorsHeader header = SafetensorsHeader.parse(path, json.array(), size - dataStart);
    return new SafetensorsFile(path, channel, dataStart, header);
  }

  /** The tensors by name, in the header's order. */
  public Map<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** The texts that the writer added; empty if there are none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Reads one tensor.
   *
   * @return an array of the stored shape that belongs to {@code manager}; its type is {@link
   *     TensorType#arrayType()}
   * @throws SafetensorsException if there is no such tensor, or the file can no longer be read
   */
  public NDArray read(String name, NDManager manager) throws SafetensorsException {
    TensorInfo info = info(name);
    try (NDArray flat = manager.create(new Shape(info.elements()), info.type().arrayType())) {
      fill(info, flat, manager);
      return flat.reshape(info.shape());
    } catch (IOException e) {
      throw new SafetensorsException(
          path, "tensor '" + Printable.name(name) + "' cannot be read: " + e, e);
    }
  }

  /**
   * Reads one tensor of floating-point numbers as float32: F16 and BF16 exactly, F64 rounded to
   * nearest.
   *
   * @throws SafetensorsException as {@link #read}, or if the tensor holds integers or booleans
   */
  public NDArray readFloat32(String name, NDManager manager) throws SafetensorsException {
    TensorType type = info(name).type();
    if (!type.arrayType().isFloating()) {
      throw new SafetensorsException(
          path,
          "tensor '"
              + Printable.name(name)
              + "' is "
              + type
              + "; floating-point numbers are expected");
    }
    NDArray stored = read(name, manager);
    if (type.arrayType() == DataType.FLOAT32) {
      return stored;
    }
    try (stored) {
      return stored.toType(DataType.FLOAT32, true);
    }
  }

  /** Reads every tensor as {@link #read} does, in the header's order. */
  public Map<String, NDArray> readAll(NDManager manager) throws SafetensorsException {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (String name : tensors().keySet()) {
      arrays.put(name, read(name, manager));
    }
    return arrays;
  }

  private TensorInfo info(String name) throws SafetensorsException {
    TensorInfo info = tensors().get(name);
    if (info == null) {
      throw new SafetensorsException(
          path, "has no tensor '" + Printable.name(name) + "'; it has " + someNames());
    }
    return info;
  }

  private String someNames() {
    int shown = 8;
    String names =
        String.join(", ", tensors().keySet().stream().limit(shown).map(Printable::name).toList());
    int more = tensors().size() - shown;
    return tensors().isEmpty() ? "none" : more > 0 ? names + " and " + more + " more" : names;
  }

  private void fill(TensorInfo info, NDArray flat, NDManager manager) throws IOException {
    long elementsAtOnce = buffer.capacity() / info.type().bytes();
    for (long from = 0; from < info.elements(); from += elementsAtOnce) {
      long to = Math.min(info.elements(), from + elementsAtOnce);
      buffer.clear().limit((int) ((to - from) * info.type().bytes()));
      readFully(channel, buffer, dataStart + info.begin() + from * info.type().bytes());
      ByteBuffer part = info.type().toArrayBytes(buffer.flip());
      try (NDArray array = manager.create(part, new Shape(to - from), info.type().arrayType())) {
        flat.set(new NDIndex("{}:{}", from, to), array);
      }
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer target, long position)
      throws IOException {
    long next = position;
    while (target.hasRemaining()) {
      int read = channel.read(target, next);
      if (read < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
      next += read;
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The reason why the file could not be opened is on its way to the caller and matters more.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
