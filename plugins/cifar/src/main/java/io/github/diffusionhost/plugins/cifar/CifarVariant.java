package io.github.diffusionhost.plugins.cifar;

import io.github.diffusionhost.api.dataset.RemoteFile;
import io.github.diffusionhost.api.dataset.Split;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The two sets and their files (cs.toronto.edu/~kriz/cifar.html, "binary version"). A record is its
 * label bytes, then 1,024 red, 1,024 green and 1,024 blue bytes, each plane row by row.
 */
public enum CifarVariant {
  /** One label byte; 50,000 training images in five files. */
  CIFAR10("CIFAR-10", "cifar-10-batches-bin"),
  /** A coarse label byte, then a fine one; 50,000 training images in one file. */
  CIFAR100("CIFAR-100", "cifar-100-binary");

  /** Bytes of an image, 3 x 32 x 32. */
  static final int PIXELS = 3 * 32 * 32;

  private final String title;
  private final String folder;

  CifarVariant(String title, String folder) {
    this.title = title;
    this.folder = folder;
  }

  /** What people call it. */
  String title() {
    return title;
  }

  /** The folder in its archive, and of its files once unpacked. */
  String folder() {
    return folder;
  }

  /** The published archive, downloaded into the data folder itself. */
  RemoteFile archive() {
    return switch (this) {
      case CIFAR10 ->
          archive(
              "cifar-10-binary.tar.gz",
              170_052_171,
              "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd");
      case CIFAR100 ->
          archive(
              "cifar-100-binary.tar.gz",
              168_513_733,
              "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec");
    };
  }

  private static RemoteFile archive(String name, long bytes, String sha256) {
    URI address = URI.create("https://www.cs.toronto.edu/~kriz/" + name);
    return new RemoteFile(name, List.of(address), bytes, sha256);
  }

  /** The label of its classes. */
  LabelKind fine() {
    return this == CIFAR10 ? LabelKind.CIFAR10_CLASS : LabelKind.CIFAR100_CLASS;
  }

  /** The label of its groups of classes; null if there are none. */
  @Nullable LabelKind coarse() {
    return this == CIFAR10 ? null : LabelKind.CIFAR100_GROUP;
  }

  /** Every label byte of a record. */
  List<LabelKind> labels() {
    LabelKind coarse = coarse();
    return coarse == null ? List.of(fine()) : List.of(coarse, fine());
  }

  /** Bytes before the pixels of a record. */
  int labelBytes() {
    return labels().size();
  }

  /** Bytes of a record. */
  int recordBytes() {
    return labelBytes() + PIXELS;
  }

  /** The files of a split, in their order. */
  List<String> files(Split split) {
    return switch (this) {
      case CIFAR10 ->
          split == Split.TEST
              ? List.of("test_batch.bin")
              : IntStream.rangeClosed(1, 5).mapToObj("data_batch_%d.bin"::formatted).toList();
      case CIFAR100 -> List.of(split == Split.TEST ? "test.bin" : "train.bin");
    };
  }

  /** Records of each published file of a split. */
  int recordsPerFile(Split split) {
    return (split == Split.TEST ? 10_000 : 50_000) / files(split).size();
  }
}
