package io.github.diffusionhost.plugins.fidelity.extract.classifier;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.feature.CheckedFeatures;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches;
import io.github.diffusionhost.plugins.fidelity.kept.KeptFile;
import io.github.diffusionhost.plugins.fidelity.kept.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A small network that is trained on the dataset's own labels, once, and kept in the data folder:
 * features for grey images and for machines without a network. Figures of two datasets, or of two
 * versions of one, are of two extractors and cannot be compared.
 */
public final class ClassifierExtractor implements FeatureExtractor {
  public static final String NAME = "classifier";

  private static final long SEED = 0;

  private final ClassifierNetwork network;
  private final NDManager manager;
  private final Map<String, NDArray> weights;
  private final String sha256;

  /** Reads the weights that are kept, or trains them. */
  public ClassifierExtractor(MetricContext context) throws IOException {
    this(context, ClassifierTraining.STEPS);
  }

  /** The same of a training of so many steps. */
  ClassifierExtractor(MetricContext context, int steps) throws IOException {
    ImageDataset dataset = context.reference(Split.TRAIN);
    int classes = dataset.classNames().size();
    if (classes < 2) {
      throw new IllegalArgumentException(
          "the extractor classifier learns the labels of the dataset, which has %s: use another"
                  .formatted(classes == 0 ? "none" : "one class only")
              + " extractor, such as torchscript:FILE");
    }
    this.network = new ClassifierNetwork(dataset.shape(), classes);
    KeptFile kept = kept(dataset, steps, context);
    if (!kept.exists()) {
      train(dataset, steps, kept, context);
    }
    this.sha256 = Sha256.of(kept.path());
    this.manager = context.manager().newSubManager();
    this.weights = kept.read(manager, network.names());
    weights.values().forEach(NDScope::unregister);
  }

  private KeptFile kept(ImageDataset dataset, int steps, MetricContext context) throws IOException {
    Sha256 key = new Sha256().add(ClassifierTraining.VERSION).add(SEED).add(steps);
    key.add(network.classes());
    key.add(all(dataset).sha256WithLabels().getBytes(StandardCharsets.UTF_8));
    return new KeptFile(context.dataFolder(), NAME, key.hex());
  }

  private void train(ImageDataset dataset, int steps, KeptFile kept, MetricContext context)
      throws IOException {
    try (NDManager cpu = NDManager.newBaseManager(Device.cpu())) {
      ClassifierTraining training =
          new ClassifierTraining(
              network,
              all(dataset),
              SEED,
              steps,
              (done, total) -> context.progress("training the classifier", done, total));
      kept.write(training.run(cpu));
    }
  }

  private static ImageBatches all(ImageDataset dataset) {
    return new ImageBatches(dataset, IntStream.range(0, dataset.size()).toArray());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public String input() {
    return "pixels -1 to 1, not resized";
  }

  @Override
  public NDArray features(NDArray images) {
    return CheckedFeatures.of(NAME, images, network.features(images, weights));
  }

  @Override
  public NDArray probabilities(NDArray images) {
    return network.logits(network.features(images, weights), weights).softmax(1);
  }

  @Override
  public void close() {
    manager.close();
  }
}
