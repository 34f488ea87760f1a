package io.github.diffusionhost.engine.posthoc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The average of any width at the time of the last of some snapshots.
 *
 * @param snapshots opened snapshots of one run, ascending by step
 */
public record Reconstruction(List<Checkpoint> snapshots) {
  /** One file of a snapshot. */
  private record Source(Path file, PowerAverage average) {}

  /** Checks that there is something to make averages from. */
  public Reconstruction {
    snapshots = List.copyOf(snapshots);
    if (snapshots.isEmpty()) {
      throw new IllegalArgumentException("there are no snapshots to make an average from");
    }
  }

  /** The snapshot whose time it is. */
  public Checkpoint last() {
    return snapshots.get(snapshots.size() - 1);
  }

  /** The relative widths in the snapshots, ascending. */
  public List<Double> widths() {
    return averages().stream().map(PowerAverage::width).distinct().sorted().toList();
  }

  /** What the snapshots hold, in the order of the coefficients. */
  public List<PowerAverage> averages() {
    return sources().stream().map(Source::average).toList();
  }

  /**
   * How the average of a width is made.
   *
   * @throws IllegalArgumentException if the width is none, or the snapshots are too much alike
   */
  public PosthocEma solve(double width) {
    return PosthocEma.of(averages(), new PowerAverage(last().state().images(), width));
  }

  /**
   * Adds the snapshots up, in float64, one tensor of one snapshot at a time.
   *
   * @param ema the coefficients
   * @param manager the owner of the result
   * @return the float32 weights by name
   * @throws IOException if a snapshot cannot be read or is of another network than the first
   */
  public Map<String, NDArray> weights(PosthocEma ema, NDManager manager) throws IOException {
    Map<String, NDArray> sums = new LinkedHashMap<>();
    List<Source> sources = sources();
    try (NDManager scope = manager.newSubManager()) {
      for (int i = 0; i < sources.size(); i++) {
        try (SafetensorsFile file = SafetensorsFile.open(sources.get(i).file())) {
          requireSame(sums, file, sources.get(i).file());
          for (String name : file.tensors().keySet()) {
            add(sums, name, file.readFloat32(name, scope), ema.coefficients().get(i));
          }
        }
      }
      Map<String, NDArray> weights = new LinkedHashMap<>();
      sums.forEach(
          (name, sum) -> {
            NDArray rounded = sum.toType(DataType.FLOAT32, true);
            rounded.attach(manager);
            sum.close();
            weights.put(name, rounded);
          });
      return weights;
    }
  }

  private static void add(
      Map<String, NDArray> sums, String name, NDArray stored, double coefficient) {
    try (stored;
        NDArray exact = stored.toType(DataType.FLOAT64, true)) {
      exact.muli(coefficient);
      NDArray sum = sums.get(name);
      if (sum == null) {
        sums.put(name, exact.duplicate());
      } else {
        sum.addi(exact);
      }
    }
  }

  private static void requireSame(Map<String, NDArray> sums, SafetensorsFile file, Path path)
      throws IOException {
    if (sums.isEmpty()) {
      return;
    }
    Map<String, Shape> before = new HashMap<>();
    sums.forEach((name, sum) -> before.put(name, sum.getShape()));
    Map<String, Shape> now = new HashMap<>();
    file.tensors().forEach((name, tensor) -> now.put(name, tensor.shape()));
    if (!now.equals(before)) {
      throw new IOException(
          path + " holds the weights of another network than the snapshots before it");
    }
  }

  private List<Source> sources() {
    List<Source> sources = new ArrayList<>();
    for (Checkpoint snapshot : snapshots) {
      EmaSnapshots.files(snapshot)
          .forEach(
              (width, file) ->
                  sources.add(
                      new Source(
                          snapshot.folder().resolve(file),
                          new PowerAverage(snapshot.state().images(), width))));
    }
    return sources;
  }
}
