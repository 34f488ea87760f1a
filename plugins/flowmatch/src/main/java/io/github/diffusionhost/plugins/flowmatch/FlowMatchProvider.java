package io.github.diffusionhost.plugins.flowmatch;

import io.github.diffusionhost.api.SchedulerProvider;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.SchedulerContext;
import org.pf4j.Extension;

/**
 * Flow matching as in Stable Diffusion 3: straight paths, velocity prediction, logit-normal times,
 * a shift of noise levels by image size.
 */
@Extension
public final class FlowMatchProvider implements SchedulerProvider<FlowMatchOptions> {
  @Override
  public String name() {
    return "flowmatch";
  }

  @Override
  public String summary() {
    return "flow matching along straight paths (Stable Diffusion 3), Euler and Heun samplers";
  }

  @Override
  public FlowMatchOptions defaults() {
    return FlowMatchOptions.DEFAULTS;
  }

  @Override
  public Scheduler create(FlowMatchOptions options, SchedulerContext context) {
    SigmaSchedule schedule =
        switch (options.shift()) {
          case DYNAMIC ->
              SigmaSchedule.dynamic(
                  tokens(context.imageShape(), options.patch()),
                  options.baseShift(),
                  options.maxShift());
          case FIXED -> SigmaSchedule.fixed(options.shiftFactor());
          case NONE -> SigmaSchedule.unshifted();
        };
    return new FlowMatchScheduler(options, schedule);
  }

  private static long tokens(ImageShape image, int patch) {
    if (image.height() % patch != 0 || image.width() % patch != 0) {
      throw new IllegalArgumentException(
          "patch "
              + patch
              + " does not divide the images' "
              + image.height()
              + "x"
              + image.width()
              + " pixels: shift dynamic counts tokens of patch x patch pixels; set patch to a"
              + " divisor of both, or shift to fixed or none");
    }
    return (long) (image.height() / patch) * (image.width() / patch);
  }
}
