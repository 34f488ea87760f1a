package io.github.diffusionhost.plugins.mlflow;

import java.io.IOException;
import java.util.Optional;

/** Where runs are kept. */
interface RunStore {
  /**
   * Makes a run, and its experiment if there is none of that name.
   *
   * @param name what people call the run
   */
  StoredRun create(String experiment, String name) throws IOException;

  /** The run of a key, running again; empty if somebody has deleted it. */
  Optional<StoredRun> reopen(RunKey key) throws IOException;
}
