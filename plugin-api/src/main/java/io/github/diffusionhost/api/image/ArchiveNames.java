package io.github.diffusionhost.api.image;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the names of files say. */
public final class ArchiveNames {
  private static final List<String> IMAGES = List.of(".png", ".jpg", ".jpeg");
  private static final List<String> LITTER =
      List.of("__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir");

  private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:");

  private ArchiveNames() {}

  /** Whether a file is called as PNG and JPEG files are, in any case. */
  public static boolean isImage(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return IMAGES.stream().anyMatch(lower::endsWith);
  }

  /** Whether no part of a name is hidden (a leading dot) or left behind by a file manager. */
  public static boolean isVisible(String name) {
    boolean dotted = name.startsWith(".") || name.contains("/.");
    return !dotted
        && LITTER.stream().noneMatch(litter -> name.contains(litter) && hasPart(name, litter));
  }

  private static boolean hasPart(String name, String part) {
    return Stream.of(name.split("/")).anyMatch(part::equals);
  }

  /** Whether an entry of a zip would be unpacked elsewhere than below the zip. */
  static boolean isOutside(String entry) {
    return entry.startsWith("/")
        || entry.startsWith("\\")
        || DRIVE.matcher(entry).find()
        || (entry.contains("..") && Stream.of(entry.split("[/\\\\]")).anyMatch(".."::equals));
  }

  /** The name of an entry with forward slashes and without parts that mean nothing: ".", "". */
  static String plain(String entry) {
    if (Stream.of("\\", "/.", "//").noneMatch(entry::contains)
        && !entry.startsWith(".")
        && !entry.endsWith("/")) {
      return entry; // as nearly all are
    }
    return Stream.of(entry.replace('\\', '/').split("/"))
        .filter(part -> !part.isEmpty() && !part.equals("."))
        .collect(Collectors.joining("/"));
  }
}
