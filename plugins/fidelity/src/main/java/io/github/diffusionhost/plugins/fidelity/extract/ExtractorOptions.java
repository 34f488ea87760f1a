package io.github.diffusionhost.plugins.fidelity.extract;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.classifier.ClassifierExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionExtractor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which network turns images into feature vectors. */
public record ExtractorOptions(
    @Option(
            "inception-2015, classifier, or torchscript:FILE, which is a program and runs when it"
                + " is loaded")
        String use,
    @Option(
            "the file of inception-2015, TorchScript or .safetensors; if not given: the data"
                + " folder's, downloaded if missing")
        @Nullable Path path,
    @Option("the pixels that a TorchScript network wants: 0 to 255, 0 to 1, or -1 to 1")
        ScriptRange range,
    @Option(
            value = "height and width that images are resized to for it; if not given: their own",
            min = 1,
            max = 4096)
        @Nullable Integer resize,
    @Option("whether it sees grey images as RGB") boolean rgb) {
  /** What precedes the file of a network of one's own. */
  public static final String SCRIPT = "torchscript:";

  /** The Inception network of 2015. */
  public static final ExtractorOptions INCEPTION = of(InceptionExtractor.NAME);

  /** The classifier of the dataset's own labels. */
  public static final ExtractorOptions CLASSIFIER = of(ClassifierExtractor.NAME);

  private static ExtractorOptions of(String name) {
    return new ExtractorOptions(name, null, ScriptRange.BYTES, null, false);
  }

  /** Checks that the name is known. */
  public ExtractorOptions {
    boolean script = use.startsWith(SCRIPT) && use.length() > SCRIPT.length();
    if (!script && !use.equals("inception-2015") && !use.equals("classifier")) {
      throw new IllegalArgumentException(
          "there is no extractor '%s': use inception-2015, classifier or torchscript:FILE"
              .formatted(use));
    }
  }
}
