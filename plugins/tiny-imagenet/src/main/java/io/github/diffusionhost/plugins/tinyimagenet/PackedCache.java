package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.plugins.tinyimagenet.PackedFormat.UnfitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packed files in the data folder: one for each set, split and limit. A file appears under its name
 * when it is complete and on the disk; one that does not fit any more is replaced.
 */
record PackedCache(Path dataFolder) {
  private static final Logger LOG = LoggerFactory.getLogger(PackedCache.class);

  /**
   * The packed images, made now if they are not there yet.
   *
   * @throws IOException if an image is broken, or nothing can be written
   */
  @SuppressWarnings("try") // the lock is held, not used
  PackedImages open(SetFiles files, Images images, Split split) throws IOException {
    PackedFormat format =
        new PackedFormat(JpegDecoder.SHAPE, images.list().size(), PackedKey.of(images));
    Path folder = dataFolder.resolve("tiny-imagenet");
    if (!usable(folder)) {
      return packForNow(files, images, format, folder);
    }
    String source = PackedKey.of(files.root().toRealPath().toString()).hex().substring(0, 16);
    String name =
        String.format(
            Locale.ROOT,
            "%s-%s-%d.packed",
            split.name().toLowerCase(Locale.ROOT),
            source,
            format.count());
    Path file = folder.resolve(name);
    PackedImages present = present(file, format, false);
    if (present != null) {
      return present;
    }
    try (FileLocked lock = FileLocked.take(folder.resolve(name + ".lock"))) {
      // Another process may have packed it while this one waited.
      present = present(file, format, true);
      if (present != null) {
        return present;
      }
      pack(files, images, format, file);
      return PackedImages.open(file, format);
    }
  }

  private static @Nullable PackedImages present(Path file, PackedFormat format, boolean say)
      throws IOException {
    try {
      return PackedImages.open(file, format);
    } catch (NoSuchFileException e) {
      return null; // the first run packs it
    } catch (UnfitException e) {
      if (say) {
        LOG.warn("{} is packed anew: {}", file, e.getMessage());
      }
      return null;
    }
  }

  /** Whether files can be made there. */
  private static boolean usable(Path folder) {
    try {
      Files.createDirectories(folder);
      return Files.isWritable(folder);
    } catch (IOException e) {
      LOG.debug("{} cannot be made", folder, e);
      return false;
    }
  }

  /** For this process alone: the file is gone from its folder before it is used. */
  private static PackedImages packForNow(
      SetFiles files, Images images, PackedFormat format, Path wanted) throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"), "tiny-imagenet.packed");
    try (Aside aside = Aside.of(temporary)) {
      LOG.warn(
          "{} cannot be written to, so that images are packed into {} for this run alone",
          wanted,
          aside.path());
      write(files, images, format, aside.path());
      return PackedImages.open(aside.path(), format);
    }
  }

  /** Writes aside, then renames. */
  private static void pack(SetFiles files, Images images, PackedFormat format, Path file)
      throws IOException {
    LOG.info(
        String.format(
            Locale.ROOT,
            "tiny-imagenet: packing %,d images of %s into %s, %,d MB",
            format.count(),
            files.root(),
            file,
            format.fileBytes() / 1_000_000));
    try (Aside aside = Aside.of(file)) {
      write(files, images, format, aside.path());
      aside.moveIntoPlace();
    }
  }

  private static void write(SetFiles files, Images images, PackedFormat format, Path file)
      throws IOException {
    try (PackedWriter writer = new PackedWriter(file, format)) {
      Packing.pack(files, images, writer);
      writer.finish();
    }
  }
}
