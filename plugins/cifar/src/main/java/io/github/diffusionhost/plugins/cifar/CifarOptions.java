package io.github.diffusionhost.plugins.cifar;

import io.github.diffusionhost.api.options.Option;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which set is read, with which labels, and how training images are augmented. */
public record CifarOptions(
    @Option("cifar10: 10 classes; cifar100: 100 classes in 20 groups") CifarVariant variant,
    @Option("fine: the classes; coarse: the 20 groups of cifar100; none: no labels")
        CifarLabels labels,
    @Option("turn half of the training images left to right, drawn anew at every step")
        boolean flip,
    @Option("subtracted from pixels in [0, 1]") float mean,
    @Option(value = "the divisor of pixels", min = 1e-6, max = 1e6) float std,
    @Option(
            "folder of the .bin files or the .tar.gz that holds them, looked for in the working"
                + " directory, then in the data folder; if not given: the published names in the"
                + " data folder, and a download if there are none")
        @Nullable Path path,
    @Option(value = "use only the first so many images, for quick runs", min = 1)
        @Nullable Integer limit) {

  /** Checks that the labels exist. */
  public CifarOptions {
    if (variant == CifarVariant.CIFAR10 && labels == CifarLabels.COARSE) {
      throw new IllegalArgumentException(
          "labels is coarse, and cifar10 has fine labels only; choose fine or none, or cifar100");
    }
  }
}
