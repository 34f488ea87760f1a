package io.github.diffusionhost.api.tracker;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The run that a tracker records.
 *
 * @param name as in the config
 * @param folder the run's folder
 * @param state a file in it for the tracker alone, such as for the id under which a server knows
 *     the run; not there in a new run, and there again when the run is resumed
 * @param resumed whether the run goes on where an earlier process left it
 * @param parameters every option of the config by its dotted key, as the config writes it
 * @param tags what else the run is made from: the host's version, the device, plugins …
 */
public record TrackedRun(
    String name,
    Path folder,
    Path state,
    boolean resumed,
    Map<String, String> parameters,
    Map<String, String> tags) {
  /** Copies the maps and keeps their order. */
  public TrackedRun {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
  }
}
