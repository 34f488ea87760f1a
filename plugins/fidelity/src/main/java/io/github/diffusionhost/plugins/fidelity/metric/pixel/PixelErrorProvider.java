package io.github.diffusionhost.plugins.fidelity.metric.pixel;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import java.io.IOException;
import java.util.List;
import org.pf4j.Extension;

/** How well one step of the network restores noisy test images. */
@Extension
public final class PixelErrorProvider implements MetricProvider<PixelErrorOptions> {
  @Override
  public String name() {
    return "pixel-error";
  }

  @Override
  public String summary() {
    return "RMSE, PSNR and SSIM of the image that the network sees in a noisy one, by noise level";
  }

  @Override
  public PixelErrorOptions defaults() {
    return new PixelErrorOptions(List.of(), 5, 1000, 100);
  }

  @Override
  public Metric create(PixelErrorOptions options, MetricContext context) throws IOException {
    return new PixelErrorMetric(options, context);
  }
}
