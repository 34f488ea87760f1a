package io.github.diffusionhost.plugins.mlflow.store;

import io.github.diffusionhost.plugins.mlflow.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A run in a store. Names are as MLflow takes them, see {@link Names}. */
public interface StoredRun {
  RunKey key();

  /** The parameters that it has when it is opened; MLflow never changes one. */
  Map<String, String> parameters();

  void parameters(Map<String, String> added) throws IOException;

  void tags(Map<String, String> tags) throws IOException;

  void points(List<Point> points) throws IOException;

  /**
   * Adds what the run lacks of these, all that it should have, and forgets, where that can be done,
   * what is of later steps.
   */
  void replay(List<Point> points) throws IOException;

  /** The names of the files that are kept in a folder of them. */
  Set<String> artifacts(String folder) throws IOException;

  /** Keeps a copy of a file. */
  void artifact(Path file, String name) throws IOException;

  void ended(Status status, long time) throws IOException;
}
