package io.github.diffusionhost.plugins.unet;

import io.github.diffusionhost.api.ModelProvider;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.exchange.ModelExchange;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.ModelContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pf4j.Extension;

/** The U-Nets of diffusers, whose checkpoints have the same names. */
@Extension
public final class UnetProvider implements ModelProvider<UnetOptions> {
  @Override
  public String name() {
    return "unet";
  }

  @Override
  public String summary() {
    return "U-Net of residual blocks with attention (DDPM; UNet2DModel of diffusers)";
  }

  @Override
  public UnetOptions defaults() {
    return UnetOptions.CIFAR10;
  }

  @Override
  public Map<String, UnetOptions> presets() {
    Map<String, UnetOptions> presets = new LinkedHashMap<>();
    presets.put("cifar10", UnetOptions.CIFAR10);
    presets.put("mnist", UnetOptions.MNIST);
    presets.put("tiny", UnetOptions.TINY);
    return presets;
  }

  /** Ho et al. 2020, appendix B. */
  @Override
  public Map<String, String> recommendedTraining() {
    Map<String, String> train = new LinkedHashMap<>();
    train.put("steps", "800000");
    train.put("batchSize", "128");
    train.put("optimizer.use", "adam");
    train.put("optimizer.lr", "2e-4");
    train.put("optimizer.betas", "[0.9, 0.999]");
    train.put("optimizer.weightDecay", "0");
    train.put("lrSchedule.use", "warmup-constant");
    train.put("lrSchedule.warmupSteps", "5000");
    train.put("lrSchedule.from", "0");
    train.put("clipNorm", "1.0");
    train.put("ema", "[{use: constant, decay: 0.9999}]");
    return train;
  }

  @Override
  public ModelExchange<UnetOptions> diffusers() {
    return new UnetDiffusers();
  }

  @Override
  public Denoiser create(UnetOptions options, ModelContext context) {
    ImageShape image = context.imageShape();
    int levels = options.channels().size();
    int multiple = 1 << (levels - 1);
    if (image.height() % multiple != 0 || image.width() % multiple != 0) {
      throw new IllegalArgumentException(
          levels
              + " levels halve the resolution "
              + (levels - 1)
              + " times, and the images' "
              + image.height()
              + "x"
              + image.width()
              + " pixels are no multiple of "
              + multiple
              + ": give channels fewer levels, or resize the images");
    }
    return new Unet(options, context);
  }
}
