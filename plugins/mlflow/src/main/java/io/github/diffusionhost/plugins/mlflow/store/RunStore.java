package io.github.diffusionhost.plugins.mlflow.store;

import java.io.IOException;
import java.util.Optional;

/** Where runs are kept. */
public interface RunStore {
  /** Remembers under what a run is found again. */
  @FunctionalInterface
  interface Memory {
    void keep(RunKey key) throws IOException;
  }

  /**
   * Makes a run, and its experiment if there is none of that name.
   *
   * @param name what people call the run
   * @param memory told of a key before the run is there: a process that is killed meanwhile, or
   *     gets no answer, finds by {@link #reopen} whether it was made
   */
  StoredRun create(String experiment, String name, Memory memory) throws IOException;

  /** The run of a key, running again; empty if it was not made, or somebody has deleted it. */
  Optional<StoredRun> reopen(RunKey key) throws IOException;
}
