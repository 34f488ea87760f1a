package io.github.diffusionhost.engine.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Environment variables that make training on the CPU faster, and that only whoever starts the
 * process can set: the launcher does. Measured in docs/PERFORMANCE-LOG.md.
 */
final class ProcessSettings {
  /**
   * Keep freed blocks of any size, in one heap that every thread uses; wait briefly for threads.
   */
  private static final Map<String, String> LINUX = new LinkedHashMap<>();

  static {
    LINUX.put("MALLOC_ARENA_MAX", "1");
    LINUX.put("MALLOC_TOP_PAD_", "268435456");
    LINUX.put("MALLOC_MMAP_THRESHOLD_", "8589934592");
    LINUX.put("MALLOC_TRIM_THRESHOLD_", "17179869184");
    LINUX.put("GOMP_SPINCOUNT", "10000");
  }

  private ProcessSettings() {}

  /**
   * What to set, in a sentence; empty if it is set, to whatever value, or of no use.
   *
   * @param system {@code os.name}
   * @param environment the variables of this process
   */
  static Optional<String> advice(String system, Map<String, String> environment) {
    String missing =
        LINUX.entrySet().stream()
            .filter(variable -> !environment.containsKey(variable.getKey()))
            .map(variable -> variable.getKey() + "=" + variable.getValue())
            .collect(Collectors.joining(" "));
    return !system.equals("Linux") || missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "training on this CPU is faster in a process that is started with %s"
                .formatted(missing));
  }
}
