package io.github.diffusionhost.plugins.ddpm;

import io.github.diffusionhost.api.exchange.ForeignConfig;
import java.util.List;
import java.util.Map;

/**
 * The scheduler classes of diffusers that sample from this process, each with the sampler that it
 * is. What the samplers here do not do, their classes must not ask for.
 */
enum DiffusersSampler {
  DDPM("DDPMScheduler", "ddpm") {
    @Override
    Record read(ForeignConfig config) {
      noThresholding(config);
      return new DdpmSampler.Options(spacing(config, "leading"), offset(config));
    }
  },
  DDIM("DDIMScheduler", "ddim") {
    @Override
    Record read(ForeignConfig config) {
      noThresholding(config);
      config.require("set_alpha_to_one", true);
      return new DdimSampler.Options(0, spacing(config, "leading"), offset(config));
    }
  },
  PNDM("PNDMScheduler", "pndm") {
    @Override
    Record read(ForeignConfig config) {
      config.require("set_alpha_to_one", false);
      return new PndmSampler.Options(
          config.flag("skip_prk_steps", false), spacing(config, "leading"), offset(config));
    }
  },
  DPM_SOLVER("DPMSolverMultistepScheduler", "dpmpp-2m") {
    @Override
    Record read(ForeignConfig config) {
      noThresholding(config);
      config.require("solver_order", 2);
      config.require("algorithm_type", "dpmsolver++");
      config.require("solver_type", "midpoint");
      // With second order and a last level without noise the last step is of first order anyway.
      config.ignore("lower_order_final", "euler_at_final");
      config.require("final_sigmas_type", "zero");
      config.require("lambda_min_clipped", Double.NEGATIVE_INFINITY);
      config.require("variance_type", (Object) null);
      config.require("use_lu_lambdas", false);
      noOtherSigmas(config);
      noFlow(config);
      return new Dpmpp2mSampler.Options(
          config.flag("use_karras_sigmas", false), spacing(config, "linspace"), offset(config));
    }
  },
  UNIPC("UniPCMultistepScheduler", "unipc") {
    @Override
    Record read(ForeignConfig config) {
      noThresholding(config);
      config.require("solver_order", 2);
      config.require("predict_x0", true);
      config.require("solver_type", "bh2");
      config.require("lower_order_final", true);
      config.require("disable_corrector", List.of());
      config.require("solver_p", (Object) null);
      config.require("final_sigmas_type", "zero");
      config.require("shift_terminal", (Object) null);
      config.require("use_karras_sigmas", false);
      noOtherSigmas(config);
      noSigmaRange(config);
      noFlow(config);
      return new UniPcSampler.Options(spacing(config, "linspace"), offset(config));
    }
  },
  EULER("EulerDiscreteScheduler", "euler") {
    @Override
    Record read(ForeignConfig config) {
      config.require("interpolation_type", "linear");
      config.require("timestep_type", "discrete");
      config.require("final_sigmas_type", "zero");
      config.require("use_karras_sigmas", false);
      noOtherSigmas(config);
      noSigmaRange(config);
      return new EulerSampler.Options(spacing(config, "linspace"), offset(config));
    }
  },
  HEUN("HeunDiscreteScheduler", "heun") {
    @Override
    Record read(ForeignConfig config) {
      config.require("use_karras_sigmas", false);
      noOtherSigmas(config);
      return new HeunSampler.Options(
          config.flag("clip_sample", false), spacing(config, "linspace"), offset(config));
    }
  };

  /** The names of {@code timestep_spacing}. */
  static final Map<String, Spacing> SPACINGS =
      Map.of(
          "leading", Spacing.LEADING, "linspace", Spacing.LINSPACE, "trailing", Spacing.TRAILING);

  private final String className;
  private final String sampler;

  DiffusersSampler(String className, String sampler) {
    this.className = className;
    this.sampler = sampler;
  }

  /** Its class in diffusers. */
  String className() {
    return className;
  }

  /** Its name here. */
  String sampler() {
    return sampler;
  }

  /** Reads the settings of its class that are the sampler's and not the process's. */
  abstract Record read(ForeignConfig config);

  private static Spacing spacing(ForeignConfig config, String otherwise) {
    return config.choice("timestep_spacing", otherwise, SPACINGS);
  }

  private static int offset(ForeignConfig config) {
    return config.whole("steps_offset", 0);
  }

  private static void noThresholding(ForeignConfig config) {
    config.require("thresholding", false);
    config.ignore("dynamic_thresholding_ratio", "sample_max_value");
  }

  private static void noOtherSigmas(ForeignConfig config) {
    config.require("use_exponential_sigmas", false);
    config.require("use_beta_sigmas", false);
  }

  private static void noSigmaRange(ForeignConfig config) {
    config.require("sigma_min", (Object) null);
    config.require("sigma_max", (Object) null);
  }

  private static void noFlow(ForeignConfig config) {
    config.require("use_flow_sigmas", false);
    config.require("use_dynamic_shifting", false);
    config.ignore("flow_shift", "time_shift_type");
  }
}
