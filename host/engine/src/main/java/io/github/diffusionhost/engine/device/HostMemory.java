package io.github.diffusionhost.engine.device;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * What Linux says of memory: of the machine, of a container (control group, version 2) and of a
 * process with a limited address space ({@code ulimit -v}).
 *
 * @param root the folder of {@code proc} and {@code sys}
 */
record HostMemory(Path root) {
  private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable: *(\\d+) kB");
  private static final Pattern ADDRESSES = Pattern.compile("(?m)^Max address space +(\\d+) ");
  private static final Pattern USED = Pattern.compile("(?m)^VmSize:\\s*(\\d+) kB");
  private static final Pattern NUMBER = Pattern.compile("^(\\d+)\\s*$");

  static HostMemory ofSystem() {
    return new HostMemory(Path.of("/"));
  }

  /** Bytes that this process may still get; without Linux's figures, what the system has unused. */
  long available() {
    OptionalLong least =
        LongStream.of(
                kibibytes("proc/meminfo", AVAILABLE),
                difference(
                    number("proc/self/limits", ADDRESSES), kibibytes("proc/self/status", USED)),
                difference(
                    number("sys/fs/cgroup/memory.max", NUMBER),
                    number("sys/fs/cgroup/memory.current", NUMBER)))
            .filter(bytes -> bytes >= 0)
            .min();
    return least.orElseGet(
        () ->
            ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getFreeMemorySize());
  }

  private static long difference(long limit, long used) {
    return limit < 0 || used < 0 ? -1 : Math.max(0, limit - used);
  }

  private long kibibytes(String file, Pattern pattern) {
    long found = number(file, pattern);
    return found < 0 ? found : found << 10;
  }

  /** A number of a file; -1 without the file, or where it has no number there. */
  private long number(String file, Pattern pattern) {
    Path path = root.resolve(file);
    if (!Files.isReadable(path)) {
      return -1;
    }
    try {
      Matcher found = pattern.matcher(Files.readString(path));
      return found.find() ? Long.parseLong(found.group(1)) : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
