package io.github.diffusionhost.plugins.dit;

import io.github.diffusionhost.api.ModelProvider;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.ModelContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pf4j.Extension;

/**
 * The SD3-style transformer of HiDolen/diffusion_practice_with_mnist: joint blocks of image tokens
 * and one class token. Parameter names are those of its checkpoints.
 */
@Extension
public final class DitProvider implements ModelProvider<DitOptions> {
  @Override
  public String name() {
    return "dit";
  }

  @Override
  public String summary() {
    return "diffusion transformer with joint attention of patches and a class token (SD3, small)";
  }

  @Override
  public DitOptions defaults() {
    return DitOptions.MNIST;
  }

  @Override
  public Map<String, DitOptions> presets() {
    Map<String, DitOptions> presets = new LinkedHashMap<>();
    presets.put("mnist", DitOptions.MNIST);
    presets.put("small", DitOptions.SMALL);
    return presets;
  }

  @Override
  public Map<String, String> recommendedTraining() {
    Map<String, String> train = new LinkedHashMap<>();
    train.put("epochs", "300");
    train.put("batchSize", "256");
    train.put("optimizer.use", "adamw");
    train.put("optimizer.lr", "2e-4");
    train.put("optimizer.betas", "[0.9, 0.999]");
    train.put("optimizer.weightDecay", "0.01");
    train.put("lrSchedule.use", "warmup-constant");
    train.put("lrSchedule.warmupSteps", "1000");
    train.put("lrSchedule.from", "1e-6");
    train.put("clipNorm", "2.0");
    train.put("ema", "[{use: constant, decay: 0.9999}]");
    return train;
  }

  @Override
  public Denoiser create(DitOptions options, ModelContext context) {
    ImageShape image = context.imageShape();
    int patch = options.patch();
    if (image.height() % patch != 0 || image.width() % patch != 0) {
      throw new IllegalArgumentException(
          "patch "
              + patch
              + " does not divide the images' "
              + image.height()
              + "x"
              + image.width()
              + " pixels: set patch to a divisor of both");
    }
    return new Dit(options, context);
  }
}
