package io.github.diffusionhost.engine.pass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Who made the processor. */
final class CpuVendor {
  private static final String AMD = "AuthenticAMD";

  private CpuVendor() {}

  /** Whether this machine's processor is one of AMD's, which MKL serves less well than Intel's. */
  static boolean isAmd() {
    return isAmd(Path.of("/proc/cpuinfo"), System.getenv());
  }

  /**
   * The same from what a system tells.
   *
   * @param cpuinfo Linux's description; may be missing
   * @param environment where Windows names the processor
   */
  static boolean isAmd(Path cpuinfo, Map<String, String> environment) {
    if (Files.isReadable(cpuinfo)) {
      try (Stream<String> lines = Files.lines(cpuinfo)) {
        return lines.anyMatch(line -> line.startsWith("vendor_id") && line.contains(AMD));
      } catch (IOException e) {
        return false; // as if it did not say
      }
    }
    return environment.getOrDefault("PROCESSOR_IDENTIFIER", "").contains(AMD);
  }
}
