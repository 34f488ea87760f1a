package io.github.diffusionhost.plugins.edm2.network;

import io.github.diffusionhost.api.ModelProvider;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.ModelContext;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the networks of the three configs have in common. */
abstract class Edm2ModelProvider implements ModelProvider<Edm2Options> {
  private final NetworkConfig config;

  Edm2ModelProvider(NetworkConfig config) {
    this.config = config;
  }

  @Override
  public final Edm2Options defaults() {
    return Edm2Options.CIFAR10;
  }

  @Override
  public final Map<String, Edm2Options> presets() {
    Map<String, Edm2Options> presets = new LinkedHashMap<>();
    presets.put("cifar10", Edm2Options.CIFAR10);
    presets.put("cifar100", Edm2Options.CIFAR10);
    presets.put("tiny-imagenet", Edm2Options.TINY_IMAGENET);
    presets.put("small", Edm2Options.SMALL);
    return presets;
  }

  /** The settings for CIFAR-10 of xfetus/edm2-multi-gpu; G, for which it has none, takes E's. */
  @Override
  public final Map<String, String> recommendedTraining() {
    boolean normalized = config.normalizedWeights();
    Map<String, String> train = new LinkedHashMap<>();
    train.put("epochs", normalized ? "2000" : "1000");
    train.put("batchSize", "512");
    train.put("optimizer.use", "adam");
    train.put("optimizer.lr", normalized ? "2e-2" : "4e-4");
    train.put("optimizer.betas", "[0.9, 0.999]");
    train.put("optimizer.weightDecay", "0");
    train.put("lrSchedule.use", "epoch-inverse-sqrt");
    train.put("lrSchedule.warmupEpochs", "200");
    if (normalized) {
      train.put("lrSchedule.refEpochs", "400");
    }
    train.put("clipNorm", "0");
    train.put("ema", "[{use: warmup, decay: 0.9993, invGamma: 1, power: 0.6666666666666667}]");
    return train;
  }

  @Override
  public final Denoiser create(Edm2Options options, ModelContext context) {
    ImageShape image = context.imageShape();
    int levels = options.channels().size();
    int multiple = 1 << (levels - 1);
    if (image.height() % multiple != 0 || image.width() % multiple != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d levels halve the resolution %d times, and the images' %dx%d pixels are no multiple of %d: give channels fewer levels, or resize the images",
              levels,
              levels - 1,
              image.height(),
              image.width(),
              multiple));
    }
    return new Edm2Network(config, options, context);
  }
}
