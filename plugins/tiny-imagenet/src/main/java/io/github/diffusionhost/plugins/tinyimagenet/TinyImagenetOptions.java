package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.options.Option;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the set lies, whether its labels are used, and how training images are augmented. */
public record TinyImagenetOptions(
    @Option("whether images have the labels of their 200 classes") boolean labels,
    @Option("turn half of the training images left to right, drawn anew at every step")
        boolean flip,
    @Option("subtracted from pixels in [0, 1]") float mean,
    @Option(value = "the divisor of pixels", min = 1e-6, max = 1e6) float std,
    @Option(
            "folder or .zip of the published layout, looked for in the working directory, then in"
                + " the data folder; if not given: the published names in the data folder, and a"
                + " download if there are none")
        @Nullable Path path,
    @Option(
            value =
                "use only so many images, taken from the classes in turn, for quick runs; all if"
                    + " there are fewer",
            min = 1)
        @Nullable Integer limit) {}
