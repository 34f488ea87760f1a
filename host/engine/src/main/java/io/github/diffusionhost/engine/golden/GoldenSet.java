package io.github.diffusionhost.engine.golden;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.diffusionhost.engine.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/**
 * A set of golden numbers: safetensors files, and what is to be known about them in JSON files of
 * the same names. {@code golden/README.md} among the resources says where each comes from.
 */
public final class GoldenSet {
  private final String title;
  private final Function<String, Optional<Path>> find;

  /**
   * A set.
   *
   * @param title what it is called in messages
   * @param find the file of a name with its ending, if the set has it
   */
  public GoldenSet(String title, Function<String, Optional<Path>> find) {
    this.title = title;
    this.find = find;
  }

  /**
   * The set that the program brings along.
   *
   * @param folder an empty folder of the caller's, to which what is asked for is unpacked
   */
  public static GoldenSet packed(Path folder) {
    return new GoldenSet("the packed golden numbers", name -> unpacked(name, folder));
  }

  private static Optional<Path> unpacked(String name, Path folder) {
    Path file = folder.resolve(name);
    if (Files.exists(file)) {
      return Optional.of(file);
    }
    try (InputStream packed = GoldenSet.class.getResourceAsStream("/golden/" + name + ".gz")) {
      if (packed == null) {
        return Optional.empty();
      }
      Files.createDirectories(file.resolveSibling("."));
      Files.copy(new GZIPInputStream(packed), file);
      return Optional.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether something of each name is in the set; names are without their ending. */
  public boolean has(String... names) {
    return Arrays.stream(names)
        .allMatch(
            name ->
                find.apply(name + ".safetensors").isPresent()
                    || find.apply(name + ".json").isPresent());
  }

  /** Whether there is a file of this name, ending included. */
  public boolean hasFile(String name) {
    return find.apply(name).isPresent();
  }

  /**
   * A file by its name with the ending.
   *
   * @throws IllegalArgumentException if the set has none
   */
  public Path file(String name) {
    return find.apply(name)
        .orElseThrow(() -> new IllegalArgumentException("no " + name + " in " + title));
  }

  /** The tensors of a name, on the manager's device. */
  public Map<String, NDArray> tensors(NDManager manager, String name) {
    try (SafetensorsFile file = SafetensorsFile.open(file(name + ".safetensors"))) {
      return file.readAll(manager);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is to be known about a name. */
  public JsonObject json(String name) {
    try {
      return JsonParser.parseString(Files.readString(file(name + ".json"))).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tensors of which some values are kept, or all. */
  public SampledTensors sampled(NDManager manager, String name) {
    JsonObject notes = hasFile(name + ".json") ? json(name) : new JsonObject();
    try (SafetensorsFile file = SafetensorsFile.open(file(name + ".safetensors"))) {
      return SampledTensors.of(file, notes, manager);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return title;
  }
}
