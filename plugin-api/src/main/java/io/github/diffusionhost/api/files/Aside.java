package io.github.diffusionhost.api.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Where a file or folder is made before it has its name: hidden, beside its place, and gone when
 * this is closed unless it was moved there.
 *
 * <pre>{@code
 * try (Aside aside = Aside.of(file)) {
 *   Files.write(aside.path(), bytes);
 *   aside.moveIntoPlace();
 * }
 * }</pre>
 *
 * <p>A process that is killed meanwhile leaves it behind. The next one that makes something in the
 * same folder removes it, see {@link Maker#isGone}. For one thread; any number of threads and
 * processes may make the same file at once, and the last one counts.
 */
public final class Aside implements AutoCloseable {
  private final Path target;
  private final Path path;

  private Aside(Path target, Path path) {
    this.target = target;
    this.path = path;
  }

  /**
   * A place where nothing is yet.
   *
   * @param target what is to be made; its folder exists
   * @throws IOException if that folder cannot be read
   */
  public static Aside of(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("nothing can be made in place of " + absolute);
    }
    sweep(folder);
    String random =
        String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt() & 0xffffffffL);
    return new Aside(
        absolute,
        absolute.resolveSibling(Maker.OWN.hiddenName(absolute.getFileName().toString(), random)));
  }

  /** Where to make it. */
  public Path path() {
    return path;
  }

  /**
   * Gives it its name. A file replaces one of that name; a folder, only an empty one.
   *
   * @throws IOException if it was not made, or its place is taken
   */
  public void moveIntoPlace() throws IOException {
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes it if it has not been moved. */
  @Override
  public void close() throws IOException {
    delete(path);
  }

  /**
   * Removes what processes that are gone have left in {@code folder}; {@link #of} does so, too.
   * What cannot be removed stays.
   *
   * @throws IOException if the folder cannot be read
   */
  public static void sweep(Path folder) throws IOException {
    List<Path> left;
    try (Stream<Path> entries = Files.list(folder)) {
      left = entries.filter(Aside::isLeft).toList();
    }
    for (Path path : left) {
      try {
        delete(path);
      } catch (IOException e) {
        System.getLogger(Aside.class.getName())
            .log(System.Logger.Level.DEBUG, "{0} stays: {1}", path, e);
      }
    }
  }

  private static boolean isLeft(Path path) {
    return Maker.of(path.getFileName().toString()).filter(maker -> maker.isGone(path)).isPresent();
  }

  /** Never what a link leads to. */
  private static void delete(Path path) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> entries = Files.walk(path)) {
      deepestFirst = entries.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return; // somebody else was quicker
    }
    for (Path entry : deepestFirst) {
      Files.deleteIfExists(entry);
    }
  }
}
