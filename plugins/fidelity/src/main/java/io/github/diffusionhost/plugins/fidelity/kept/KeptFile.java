package io.github.diffusionhost.plugins.fidelity.kept;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.files.Aside;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Named arrays in a safetensors file of the data folder, which holds what was computed and can be
 * computed again. A file appears under its name when it is complete, whoever else writes it.
 */
public final class KeptFile {
  private static final String FOLDER = "fidelity";
  private static final int KEY = 24;

  private final Path file;

  /**
   * A file that may not exist yet.
   *
   * @param dataFolder the host's folder for files that are kept
   * @param kind what it holds, the beginning of its name
   * @param key the digest of everything that the content depends on
   */
  public KeptFile(Path dataFolder, String kind, String key) {
    this.file =
        dataFolder
            .resolve(FOLDER)
            .resolve("%s-%s.safetensors".formatted(kind, key.substring(0, KEY)));
  }

  /** Whether it is there. */
  public boolean exists() {
    return Files.isRegularFile(file);
  }

  /** Where it is, or will be. */
  public Path path() {
    return file;
  }

  /**
   * Reads the arrays.
   *
   * @param names those that the file must hold
   * @throws IOException if it is damaged
   */
  public Map<String, NDArray> read(NDManager manager, Set<String> names) throws IOException {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (NDArray array : NDList.decode(manager, in)) {
        arrays.put(array.getName(), array);
      }
    } catch (RuntimeException e) {
      throw damaged(e);
    }
    if (!arrays.keySet().containsAll(names)) {
      arrays.values().forEach(NDArray::close);
      throw damaged(null);
    }
    return arrays;
  }

  private IOException damaged(@Nullable RuntimeException cause) {
    return new IOException(file + " is damaged: delete it, and it is computed anew", cause);
  }

  /** Writes the arrays. */
  public void write(Map<String, NDArray> arrays) throws IOException {
    NDList named = new NDList();
    arrays.forEach(
        (name, array) -> {
          array.setName(name);
          named.add(array);
        });
    Files.createDirectories(file.getParent());
    try (Aside aside = Aside.of(file)) {
      try (FileChannel channel =
              FileChannel.open(
                  aside.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          NDScope scope = new NDScope();
          OutputStream out = Channels.newOutputStream(channel)) {
        scope.suppressNotUsedWarning();
        named.encode(out, NDList.Encoding.SAFETENSORS);
        out.flush();
        channel.force(true);
      }
      aside.moveIntoPlace();
    }
  }
}
