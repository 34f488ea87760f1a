package io.github.diffusionhost.plugins.mnist;

import io.github.diffusionhost.api.dataset.RemoteFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One published file.
 *
 * @param name its name without {@code .gz}
 * @param gzBytes the size of the published {@code .gz}
 * @param gzSha256 the SHA-256 of the published {@code .gz}
 * @param sha256 the SHA-256 of its content
 */
record MnistFile(String name, long gzBytes, String gzSha256, String sha256) {
  private static final List<String> MIRRORS =
      List.of(
          "https://ossci-datasets.s3.amazonaws.com/mnist/",
          "https://storage.googleapis.com/cvdf-datasets/mnist/");

  static final MnistFile TRAIN_IMAGES =
      new MnistFile(
          "train-images-idx3-ubyte",
          9_912_422,
          "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");
  static final MnistFile TRAIN_LABELS =
      new MnistFile(
          "train-labels-idx1-ubyte",
          28_881,
          "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5");
  static final MnistFile TEST_IMAGES =
      new MnistFile(
          "t10k-images-idx3-ubyte",
          1_648_877,
          "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");
  static final MnistFile TEST_LABELS =
      new MnistFile(
          "t10k-labels-idx1-ubyte",
          4_542,
          "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

  /** The file in a folder under its published name, with a dot before "idx" too, or gzipped. */
  Optional<Path> in(Path folder) {
    return Stream.of(name, name.replace("-idx", ".idx"))
        .flatMap(plain -> Stream.of(plain, plain + ".gz"))
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /**
   * The file in a folder that a person has named: under its published name, or else with more words
   * before it, as in {@code emnist-digits-train-images-idx3-ubyte.gz}, which says "test" for
   * "t10k".
   *
   * @throws IOException if there are several
   */
  Optional<Path> called(Path folder) throws IOException {
    Optional<Path> published = in(folder);
    if (published.isPresent() || !Files.isDirectory(folder)) {
      return published;
    }
    Pattern wanted =
        Pattern.compile("(?:.+[-_])?" + words() + "(?:\\.gz)?", Pattern.CASE_INSENSITIVE);
    List<Path> found;
    try (Stream<Path> all = Files.list(folder)) {
      found =
          all.filter(file -> wanted.matcher(file.getFileName().toString()).matches())
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
    }
    if (found.size() > 1) {
      throw new IOException(
          "%s holds %s and %s, and which of them is meant is not known; move one elsewhere"
              .formatted(folder, found.get(0).getFileName(), found.get(1).getFileName()));
    }
    return found.stream().findFirst();
  }

  private String words() {
    return name.replace("t10k", "(?:t10k|test)").replace("-", "[-_.]");
  }

  /** Where it can be downloaded. */
  RemoteFile remote() {
    return new RemoteFile(
        "mnist/" + name + ".gz",
        MIRRORS.stream().map(mirror -> URI.create(mirror + name + ".gz")).toList(),
        gzBytes,
        gzSha256);
  }
}
