package io.github.diffusionhost.plugins.linearprobe;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import java.io.IOException;
import java.util.List;
import org.pf4j.Extension;

/**
 * Linear probing of a denoising network: the accuracy of a linear classifier on its pooled
 * features. Xiang et al. 2023, arXiv 2303.09769; the protocol is that of xfetus/edm2-multi-gpu.
 */
@Extension
public final class LinearProbeProvider implements MetricProvider<LinearProbeOptions> {
  @Override
  public String name() {
    return "linear-probe";
  }

  @Override
  public String summary() {
    return "accuracy of a linear classifier on the network's features of noisy images";
  }

  @Override
  public LinearProbeOptions defaults() {
    return LinearProbeOptions.DEFAULTS;
  }

  @Override
  public Metric create(LinearProbeOptions options, MetricContext context) throws IOException {
    List<String> names = features(options, context.denoiser().featureNames());
    ImageDataset train = context.reference(Split.TRAIN);
    int classes = train.classNames().size();
    require(
        classes > 0,
        "the dataset gives no labels, which the probe learns: set its option that does, if it has"
            + " one");
    require(classes > 1, "the dataset has one class, and a probe tells two or more apart");
    ImageDataset test = test(context);
    require(
        train.classNames().equals(test.classNames()),
        "the test split has other classes than the train split: %s and %s"
            .formatted(test.classNames(), train.classNames()));
    return new LinearProbe(
        options,
        context,
        new ProbeGrid(options, names, context),
        ProbeImages.of(train, options.trainImages(), Draws.of(context, Draws.Use.TRAIN_CHOICE)),
        ProbeImages.of(test, options.testImages(), Draws.of(context, Draws.Use.TEST_CHOICE)));
  }

  private static List<String> features(LinearProbeOptions options, List<String> known) {
    require(!known.isEmpty(), "the network has no features by name, which the probe looks at");
    List<String> wanted = options.features().isEmpty() ? known : options.features();
    for (String name : wanted) {
      require(
          known.contains(name),
          "features %s: the network has no feature of that name; it has %s ([] is all)"
              .formatted(name, String.join(", ", known)));
    }
    return wanted;
  }

  private static ImageDataset test(MetricContext context) throws IOException {
    try {
      return context.reference(Split.TEST);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException("the probe is tested on the test split: " + e.getMessage(), e);
    }
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }
}
