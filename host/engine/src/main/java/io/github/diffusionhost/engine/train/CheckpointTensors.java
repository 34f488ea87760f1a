package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.network.InPlace;
import io.github.diffusionhost.engine.safetensors.SafetensorsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of a checkpoint on their way into a training. */
final class CheckpointTensors {
  private CheckpointTensors() {}

  /** How many tensors of which file there is no place for. */
  static Map<String, Integer> leftOut(
      Checkpoint checkpoint, Map<String, Map<String, NDArray>> taken) throws IOException {
    Map<String, Integer> leftOut = new LinkedHashMap<>();
    for (String name : checkpoint.files()) {
      if (name.endsWith(".safetensors")) {
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint.folder().resolve(name))) {
          Set<String> tensors = new HashSet<>(file.tensors().keySet());
          tensors.removeAll(taken.getOrDefault(name, Map.of()).keySet());
          if (!tensors.isEmpty()) {
            leftOut.put(name, tensors.size());
          }
        }
      }
    }
    return leftOut;
  }

  /**
   * Copies the tensors of a file into arrays.
   *
   * @throws IOException if one is missing, or has another shape; then nothing is copied
   */
  static void copy(
      Map<String, NDArray> from, Map<String, NDArray> to, Checkpoint checkpoint, String file)
      throws IOException {
    List<Runnable> copies = new ArrayList<>();
    for (Map.Entry<String, NDArray> entry : to.entrySet()) {
      NDArray value = from.get(entry.getKey());
      if (value == null || !value.getShape().equals(entry.getValue().getShape())) {
        throw new IOException(
            "%s: %s has no tensor %s of shape %s, which the config asks for"
                .formatted(checkpoint.folder(), file, entry.getKey(), entry.getValue().getShape()));
      }
      copies.add(() -> InPlace.copy(value, entry.getValue()));
    }
    copies.forEach(Runnable::run);
  }
}
