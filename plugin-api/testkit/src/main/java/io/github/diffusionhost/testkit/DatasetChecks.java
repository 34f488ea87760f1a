package io.github.diffusionhost.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/** What holds for every dataset. */
final class DatasetChecks<O extends Record> {
  private static final int LOOKED_AT = 200;
  private static final byte UNTOUCHED = 0x5a;

  private final DatasetProvider<O> provider;
  private final O options;
  private final DatasetContext context;

  private DatasetChecks(DatasetProvider<O> provider, O options, DatasetContext context) {
    this.provider = provider;
    this.options = options;
    this.context = context;
  }

  static <O extends Record> List<Check> of(
      DatasetProvider<O> provider, O options, DatasetContext context) {
    DatasetChecks<O> checks = new DatasetChecks<>(provider, options, context);
    return List.of(
        checks.check("there are images", DatasetChecks::hasImages),
        checks.check("an image fills its bytes and no others", DatasetChecks::staysInPlace),
        checks.check("an image read twice is the same", DatasetChecks::readsAgain),
        new Check("a dataset opened twice is the same", checks::opensAgain),
        checks.check("labels have names", DatasetChecks::labelsAreNamed),
        checks.check("bytes survive the way to pixels and back", DatasetChecks::pixelsComeBack),
        checks.check("augmented images keep their shape", DatasetChecks::augmentKeepsShape));
  }

  /** Looks at an open dataset. */
  private interface Look {
    void at(ImageDataset dataset) throws Exception;
  }

  private Check check(String name, Look look) {
    return new Check(
        name,
        () -> {
          try (ImageDataset dataset = provider.open(options, context)) {
            look.at(dataset);
          }
        });
  }

  private static void hasImages(ImageDataset dataset) {
    Expect.that(dataset.size() > 0, () -> "the size is " + dataset.size());
  }

  private static void staysInPlace(ImageDataset dataset) throws IOException {
    int bytes = dataset.shape().elements();
    byte[] target = new byte[bytes + 7];
    Arrays.fill(target, UNTOUCHED);
    dataset.read(dataset.size() - 1, target, 4);
    for (int i : new int[] {0, 1, 2, 3, bytes + 4, bytes + 5, bytes + 6}) {
      Expect.that(
          target[i] == UNTOUCHED,
          () -> "read at offset 4 wrote byte " + i + " of " + dataset.shape());
    }
  }

  private static void readsAgain(ImageDataset dataset) throws IOException {
    for (int i = 0; i < Math.min(dataset.size(), LOOKED_AT); i++) {
      int index = i;
      Expect.that(
          Arrays.equals(image(dataset, i), image(dataset, i)),
          () -> "image " + index + " has other bytes the second time");
    }
  }

  private void opensAgain() throws IOException {
    try (ImageDataset first = provider.open(options, context);
        ImageDataset again = provider.open(options, context)) {
      Expect.that(
          first.size() == again.size() && first.classNames().equals(again.classNames()),
          () -> "opened again it has another size or other classes");
      for (int i = 0; i < Math.min(first.size(), LOOKED_AT); i++) {
        int index = i;
        Expect.that(
            Arrays.equals(image(first, i), image(again, i)),
            () -> "image " + index + " has other bytes after opening again");
      }
    }
  }

  private static void labelsAreNamed(ImageDataset dataset) {
    List<String> names = dataset.classNames();
    Expect.that(
        new HashSet<>(names).size() == names.size() && names.stream().noneMatch(String::isBlank),
        () -> "class names are blank or double: " + names);
    for (int i = 0; i < dataset.size() && !names.isEmpty(); i++) {
      int index = i;
      int label = dataset.label(i);
      Expect.that(
          label >= 0 && label < names.size(),
          () -> "image " + index + " has label " + label + " of " + names.size());
    }
  }

  private static void pixelsComeBack(ImageDataset dataset) throws Exception {
    PixelNormalization normalization = dataset.normalization();
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    ArrayScope.run(
        manager -> {
          NDArray bytes = bytes(manager, all, new Shape(1, 1, 16, 16));
          byte[] back = normalization.toBytes(normalization.normalize(bytes)).toByteArray();
          for (int i = 0; i < all.length; i++) {
            int value = i;
            Expect.that(
                back[i] == all[i], () -> "byte " + value + " comes back as " + (back[value] & 255));
          }
        });
  }

  private static void augmentKeepsShape(ImageDataset dataset) throws Exception {
    int count = Math.min(dataset.size(), 8);
    int bytes = dataset.shape().elements();
    byte[] all = new byte[count * bytes];
    for (int i = 0; i < count; i++) {
      dataset.read(i, all, i * bytes);
    }
    ArrayScope.run(
        manager -> {
          Shape shape = dataset.shape().batch(count);
          NDArray pixels = dataset.normalization().normalize(bytes(manager, all, shape));
          NDArray first = dataset.augment(pixels, new SeededNoise(manager, 3));
          NDArray again = dataset.augment(pixels, new SeededNoise(manager, 3));
          Expect.finite("the augmented batch", first, shape);
          Expect.that(
              first.contentEquals(again), () -> "the same noise augments in another way again");
        });
  }

  private static NDArray bytes(NDManager manager, byte[] values, Shape shape) {
    return manager.create(ByteBuffer.wrap(values), shape, DataType.UINT8);
  }

  private static byte[] image(ImageDataset dataset, int index) throws IOException {
    byte[] bytes = new byte[dataset.shape().elements()];
    dataset.read(index, bytes, 0);
    return bytes;
  }
}
