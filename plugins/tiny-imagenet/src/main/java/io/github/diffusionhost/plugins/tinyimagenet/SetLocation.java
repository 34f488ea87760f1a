package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.RemoteFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds a set, or has it downloaded. */
record SetLocation(DatasetContext context) {
  private static final String FOLDER = "tiny-imagenet-200";

  private static final RemoteFile ZIP =
      new RemoteFile(
          FOLDER + ".zip",
          List.of(
              URI.create("https://cs231n.stanford.edu/tiny-imagenet-200.zip"),
              URI.create("http://cs231n.stanford.edu/tiny-imagenet-200.zip")),
          248_100_043,
          "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821");

  /**
   * The set at {@code path} if one is given; else the folder, the zip, or a sample folder in the
   * data folder; else the zip, downloaded.
   */
  SetFiles open(@Nullable Path path) throws IOException {
    if (path != null) {
      // A relative path lies in the working directory or else in the data folder.
      return files(Files.exists(path) ? path : context.dataFolder().resolve(path));
    }
    Optional<Path> here =
        Stream.of(FOLDER, ZIP.path(), FOLDER + "-sample")
            .map(context.dataFolder()::resolve)
            .filter(Files::exists)
            .findFirst();
    if (here.isEmpty()) {
      context.download(List.of(ZIP));
    }
    return files(here.orElse(context.dataFolder().resolve(ZIP.path())));
  }

  private static SetFiles files(Path found) throws IOException {
    if (Files.isDirectory(found)) {
      // The folder above, as unpacking the zip into a new folder leaves it.
      Path inner = found.resolve(FOLDER);
      return checked(SetFiles.unpacked(Files.isDirectory(inner) ? inner : found));
    } else if (!Files.exists(found)) {
      throw new IOException(
          found + " does not exist; 'path' names the folder or the .zip of Tiny ImageNet");
    } else if (!found.toString().toLowerCase(Locale.ROOT).endsWith(".zip")) {
      throw new IOException(
          found + " is neither a folder nor a .zip; 'path' names one of Tiny ImageNet");
    }
    return SetFiles.zipped(found);
  }

  private static SetFiles checked(SetFiles files) throws IOException {
    if (!files.has(SetFiles.CLASSES)) {
      throw new IOException(
          "%s does not hold %s, the list of classes; 'path' names the folder that does, or unpack %s again"
              .formatted(files.root(), SetFiles.CLASSES, ZIP.path()));
    }
    return files;
  }
}
