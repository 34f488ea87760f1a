package io.github.diffusionhost.plugins.ddpm.process;

import java.util.List;

/**
 * The variances β of the forward process, one for each timestep: {@code q(x_t | x_{t−1}) =
 * N(√(1−β_t)·x_{t−1}, β_t)} (Ho et al. 2020, arXiv 2006.11239, equation 2). In float64.
 */
public enum BetaSchedule {
  /** {@link #linear}. */
  LINEAR {
    @Override
    double[] betas(DdpmOptions options) {
      return linear(options.timesteps(), options.betaStart(), options.betaEnd());
    }
  },
  /** {@link #scaledLinear}. */
  SCALED_LINEAR {
    @Override
    double[] betas(DdpmOptions options) {
      return scaledLinear(options.timesteps(), options.betaStart(), options.betaEnd());
    }
  },
  /** {@link #cosine}. */
  COSINE {
    @Override
    double[] betas(DdpmOptions options) {
      return cosine(options.timesteps());
    }
  },
  /** As the option {@code betas} says. */
  GIVEN {
    @Override
    double[] betas(DdpmOptions options) {
      List<Double> betas = options.betas();
      return betas.stream().mapToDouble(Double::doubleValue).toArray();
    }
  };

  private static final double LARGEST_COSINE_BETA = 0.999;

  /** The betas, t = 0 first. */
  abstract double[] betas(DdpmOptions options);

  /** Equal steps from {@code start} to {@code end}: Ho et al. 2020, section 4. */
  public static double[] linear(int timesteps, double start, double end) {
    double[] betas = new double[timesteps];
    for (int t = 0; t < timesteps; t++) {
      betas[t] = timesteps == 1 ? start : start + t * (end - start) / (timesteps - 1);
    }
    return betas;
  }

  /**
   * Equal steps of √β from {@code √start} to {@code √end}: latent diffusion, Rombach et al. 2022,
   * arXiv 2112.10752.
   */
  public static double[] scaledLinear(int timesteps, double start, double end) {
    double[] betas = linear(timesteps, Math.sqrt(start), Math.sqrt(end));
    for (int t = 0; t < timesteps; t++) {
      betas[t] *= betas[t];
    }
    return betas;
  }

  /**
   * {@code β_t = min(1 − ᾱ((t+1)/T) / ᾱ(t/T), 0.999)} with {@code ᾱ(u) = cos²((u + 0.008)/1.008 ·
   * π/2)}: Nichol and Dhariwal 2021, arXiv 2102.09672, equation 17; {@code squaredcos_cap_v2} of
   * diffusers.
   */
  public static double[] cosine(int timesteps) {
    double[] betas = new double[timesteps];
    for (int t = 0; t < timesteps; t++) {
      double ratio = cosineBar((t + 1.0) / timesteps) / cosineBar((double) t / timesteps);
      betas[t] = Math.min(1 - ratio, LARGEST_COSINE_BETA);
    }
    return betas;
  }

  private static double cosineBar(double u) {
    double cos = Math.cos((u + 0.008) / 1.008 * Math.PI / 2);
    return cos * cos;
  }
}
