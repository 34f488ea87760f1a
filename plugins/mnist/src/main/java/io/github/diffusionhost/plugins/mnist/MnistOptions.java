package io.github.diffusionhost.plugins.mnist;

import io.github.diffusionhost.api.options.Option;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which digits are read, and how their bytes become pixels. */
public record MnistOptions(
    @Option(
            value =
                "extra training images of each of two more classes, all black (10) and all white"
                    + " (11); 0: neither images nor classes",
            min = 0,
            max = 1_000_000)
        int blackWhite,
    @Option(
            "folder of the IDX files, those of EMNIST's digits too, or of torchvision; if not"
                + " given: 'mnist' in the data folder or the data folder itself, and a download if"
                + " they are in neither")
        @Nullable Path folder,
    @Option(value = "use only the first so many images of the files, for quick runs", min = 1)
        @Nullable Integer limit,
    @Option("subtracted from pixels in [0, 1]") float mean,
    @Option(value = "the divisor of pixels", min = 1e-6, max = 1e6) float std) {}
