package io.github.diffusionhost.api.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The process that makes a hidden file, by the file's name.
 *
 * @param process its number
 * @param home what numbers of processes belong to: a machine since it was started, and a container
 */
record Maker(long process, String home) {
  /** This process. */
  static final Maker OWN = new Maker(ProcessHandle.current().pid(), thisHome());

  private static final Pattern NAME =
      Pattern.compile("\\..+\\.tmp-(\\d{1,18})-([0-9a-f]{8})\\.[0-9a-f]{8}", Pattern.DOTALL);

  /**
   * How long a file of another machine, whose processes are not seen here, may be in the making.
   */
  private static final Duration ELSEWHERE = Duration.ofDays(1);

  /** For clocks and file systems that count in seconds. */
  private static final Duration INEXACT = Duration.ofSeconds(3);

  /** Who makes a file; empty if its name is not one of {@link #hiddenName}. */
  static Optional<Maker> of(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(new Maker(Long.parseLong(matcher.group(1)), matcher.group(2)))
        : Optional.empty();
  }

  String hiddenName(String name, String random) {
    return "." + name + ".tmp-" + process + "-" + home + "." + random;
  }

  /**
   * Whether a file is left over. It is if no process here has that number, or if the one that has
   * it began after the file was last changed. Of a file that another machine or container makes,
   * only its age can be seen.
   */
  boolean isGone(Path file) {
    try {
      Instant changed = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
      if (!home.equals(OWN.home)) {
        return changed.plus(ELSEWHERE).isBefore(Instant.now());
      }
      Optional<ProcessHandle> running = ProcessHandle.of(process).filter(ProcessHandle::isAlive);
      return running.isEmpty()
          || running
              .flatMap(handle -> handle.info().startInstant())
              .filter(began -> began.isAfter(changed.plus(INEXACT)))
              .isPresent();
    } catch (IOException e) {
      return false; // it has just been moved into place
    }
  }

  private static String thisHome() {
    String home;
    try {
      home =
          Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
              + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      // Not Linux: Windows and most shells say the machine's name.
      home = System.getenv("COMPUTERNAME") + System.getenv("HOSTNAME");
    }
    CRC32 sum = new CRC32();
    sum.update(home.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", sum.getValue());
  }
}
