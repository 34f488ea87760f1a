package io.github.diffusionhost.plugins.mnist;

import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images and labels of one split: where they lie, or where they come from. */
record MnistFiles(MnistFile images, MnistFile labels) {
  private static final Logger LOG = LoggerFactory.getLogger(MnistFiles.class);

  /** Where torchvision puts the files below the folder that it is given. */
  private static final String TORCHVISION = "MNIST/raw";

  static MnistFiles of(Split split) {
    return switch (split) {
      case TRAIN -> new MnistFiles(MnistFile.TRAIN_IMAGES, MnistFile.TRAIN_LABELS);
      case TEST -> new MnistFiles(MnistFile.TEST_IMAGES, MnistFile.TEST_LABELS);
    };
  }

  /**
   * Finds both files in one folder: {@code folder} if given, or the one that torchvision makes in
   * it; else {@code mnist} in the data folder, else the data folder itself; downloads what is
   * missing unless a folder was given.
   */
  IdxPair locate(@Nullable Path folder, DatasetContext context) throws IOException {
    if (folder != null) {
      Path chosen = resolve(folder, context.dataFolder());
      return called(chosen)
          .or(() -> in(chosen.resolve(TORCHVISION)))
          .orElseThrow(() -> missing(chosen));
    }
    Path own = context.dataFolder().resolve("mnist");
    Optional<IdxPair> here = in(own).or(() -> in(context.dataFolder()));
    if (here.isPresent()) {
      return here.get();
    }
    // A file that is there may be somebody's recompressed one: only what is missing is asked for.
    context.download(absent(own).map(MnistFile::remote).toList());
    return in(own).orElseThrow(() -> missing(own));
  }

  private Optional<IdxPair> in(Path folder) {
    return images
        .in(folder)
        .flatMap(
            i -> labels.in(folder).map(l -> new IdxPair(i, l, images.sha256(), labels.sha256())));
  }

  private Optional<IdxPair> called(Path folder) throws IOException {
    Optional<Path> image = images.called(folder);
    Optional<Path> label = labels.called(folder);
    if (image.isEmpty() || label.isEmpty()) {
      return Optional.empty();
    }
    if (image.get().getFileName().toString().startsWith("emnist")) {
      LOG.warn("{}: EMNIST's images lie transposed in its files, and are used so", image.get());
    }
    return Optional.of(new IdxPair(image.get(), label.get(), images.sha256(), labels.sha256()));
  }

  private Stream<MnistFile> absent(Path folder) {
    return Stream.of(images, labels).filter(file -> file.in(folder).isEmpty());
  }

  private IOException missing(Path folder) {
    List<String> names = absent(folder).map(MnistFile::name).toList();
    return new IOException(
        "%s %s %s; put %s there, gzipped (.gz) or not"
            .formatted(
                folder,
                Files.isDirectory(folder) ? "does not hold" : "is no folder that could hold",
                names.stream().collect(Collectors.joining(" and ")),
                names.size() == 1 ? "it" : "them"));
  }

  /** A relative folder lies in the working directory or else in the data folder. */
  private static Path resolve(Path folder, Path dataFolder) {
    return Files.exists(folder) ? folder : dataFolder.resolve(folder);
  }
}
