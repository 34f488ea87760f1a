package io.github.diffusionhost.plugins.cifar;

import io.github.diffusionhost.api.dataset.DatasetContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds a set, or has it downloaded. */
record CifarSource(CifarVariant variant, DatasetContext context) {
  private static final List<String> ARCHIVES = List.of(".tar.gz", ".tgz");

  /**
   * The store at {@code path} if one is given; else the folder, the archive, or a sample folder in
   * the data folder; else the archive, downloaded.
   */
  CifarStore locate(@Nullable Path path) throws IOException {
    if (path != null) {
      // A relative path lies in the working directory or else in the data folder.
      return open(Files.exists(path) ? path : context.dataFolder().resolve(path));
    }
    Optional<Path> here =
        Stream.of(variant.folder(), variant.archive().path(), variant.folder() + "-sample")
            .map(context.dataFolder()::resolve)
            .filter(Files::exists)
            .findFirst();
    if (here.isEmpty()) {
      context.download(List.of(variant.archive()));
    }
    return open(here.orElse(context.dataFolder().resolve(variant.archive().path())));
  }

  private CifarStore open(Path found) throws IOException {
    if (Files.isDirectory(found)) {
      // The folder above, as unpacking the archive into a new folder leaves it.
      Path inner = found.resolve(variant.folder());
      return new FolderStore(Files.isDirectory(inner) ? inner : found);
    }
    String name = found.toString().toLowerCase(Locale.ROOT);
    if (Files.isRegularFile(found) && ARCHIVES.stream().anyMatch(name::endsWith)) {
      return new ArchiveStore(found);
    }
    throw new IOException(
        "%s %s; 'path' names a folder of %s's binary files, or %s"
            .formatted(
                found,
                Files.exists(found) ? "is neither a folder nor a .tar.gz" : "does not exist",
                variant.title(),
                variant.archive().path()));
  }
}
