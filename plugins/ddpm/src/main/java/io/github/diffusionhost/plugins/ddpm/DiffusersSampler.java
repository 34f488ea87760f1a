package io.github.diffusionhost.plugins.ddpm;

import io.github.diffusionhost.api.exchange.ForeignConfig;
import io.github.diffusionhost.plugins.ddpm.samplers.DdimSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.DdpmSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.DpmppSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.EulerSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.HeunSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.LmsSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.PndmSampler;
import io.github.diffusionhost.plugins.ddpm.samplers.UniPcSampler;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;
import java.util.List;
import java.util.Map;

/**
 * The scheduler classes of diffusers that sample from this process, each with the sampler that it
 * is. What the samplers here do not do, their classes must not ask for.
 */
enum DiffusersSampler {
  DDPM("DDPMScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      return new Chosen(
          "ddpm", new DdpmSampler.Options(spacing(config, "leading"), offset(config)));
    }
  },
  DDIM("DDIMScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      boolean clean = config.flag("set_alpha_to_one", true);
      return new Chosen(
          "ddim", new DdimSampler.Options(0, spacing(config, "leading"), offset(config), clean));
    }
  },
  PNDM("PNDMScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      return new Chosen(
          "pndm",
          new PndmSampler.Options(
              config.flag("skip_prk_steps", false),
              spacing(config, "leading"),
              offset(config),
              config.flag("set_alpha_to_one", false)));
    }
  },
  DPM_SOLVER("DPMSolverMultistepScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      int order = config.whole("solver_order", 2);
      boolean stochastic = config.choice("algorithm_type", "dpmsolver++", ALGORITHMS);
      if (stochastic) {
        // Its third order there has a term of the wrong sign.
        config.require("solver_order", 2);
      } else {
        config.require("solver_order", 2, 3);
      }
      config.require("solver_type", "midpoint");
      // With a last level without noise the last step is of first order anyway.
      config.ignore("euler_at_final");
      if (order == 3) {
        config.require("lower_order_final", true);
      } else {
        // With second order it says the same.
        config.ignore("lower_order_final");
      }
      config.require("final_sigmas_type", "zero");
      config.require("lambda_min_clipped", Double.NEGATIVE_INFINITY);
      config.require("variance_type", (Object) null);
      config.require("use_lu_lambdas", false);
      noOtherSigmas(config);
      noFlow(config);
      return new Chosen(
          stochastic ? "dpmpp-2m-sde" : order == 3 ? "dpmpp-3m" : "dpmpp-2m",
          new DpmppSampler.Options(karras(config), spacing(config, "linspace"), offset(config)));
    }
  },
  UNIPC("UniPCMultistepScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      config.require("solver_order", 2);
      config.require("predict_x0", true);
      config.require("solver_type", "bh2");
      config.require("lower_order_final", true);
      config.require("disable_corrector", List.of());
      config.require("solver_p", (Object) null);
      config.require("final_sigmas_type", "zero");
      config.require("shift_terminal", (Object) null);
      noOtherSigmas(config);
      noSigmaRange(config);
      noFlow(config);
      return new Chosen(
          "unipc",
          new UniPcSampler.Options(karras(config), spacing(config, "linspace"), offset(config)));
    }
  },
  EULER("EulerDiscreteScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      config.require("interpolation_type", "linear");
      config.require("timestep_type", "discrete");
      config.require("final_sigmas_type", "zero");
      noOtherSigmas(config);
      noSigmaRange(config);
      return new Chosen(
          "euler",
          new EulerSampler.Options(karras(config), spacing(config, "linspace"), offset(config)));
    }
  },
  LMS("LMSDiscreteScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      noOtherSigmas(config);
      return new Chosen(
          "lms",
          new LmsSampler.Options(karras(config), spacing(config, "linspace"), offset(config)));
    }
  },
  HEUN("HeunDiscreteScheduler") {
    @Override
    Chosen read(ForeignConfig config) {
      noOtherSigmas(config);
      return new Chosen(
          "heun",
          new HeunSampler.Options(
              config.flag("clip_sample", false),
              karras(config),
              spacing(config, "linspace"),
              offset(config)));
    }
  };

  /** The names of {@code timestep_spacing}. */
  static final Map<String, Spacing> SPACINGS =
      Map.of(
          "leading", Spacing.LEADING, "linspace", Spacing.LINSPACE, "trailing", Spacing.TRAILING);

  private static final Map<String, Boolean> ALGORITHMS =
      Map.of("dpmsolver++", false, "sde-dpmsolver++", true);

  private final String className;

  DiffusersSampler(String className) {
    this.className = className;
  }

  /**
   * A sampler here, with its options.
   *
   * @param name its name
   */
  record Chosen(String name, Record options) {}

  /** Its class in diffusers. */
  String className() {
    return className;
  }

  /** Reads the settings of its class that are the sampler's and not the process's. */
  abstract Chosen read(ForeignConfig config);

  private static Spacing spacing(ForeignConfig config, String otherwise) {
    return config.choice("timestep_spacing", otherwise, SPACINGS);
  }

  private static boolean karras(ForeignConfig config) {
    return config.flag("use_karras_sigmas", false);
  }

  private static int offset(ForeignConfig config) {
    return config.whole("steps_offset", 0);
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
