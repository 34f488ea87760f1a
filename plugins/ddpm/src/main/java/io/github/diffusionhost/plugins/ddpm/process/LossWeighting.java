package io.github.diffusionhost.plugins.ddpm.process;

/** The weight of an image's loss by its timestep. */
public enum LossWeighting {
  /** 1: the simple loss of Ho et al. 2020, arXiv 2006.11239, equation 14. */
  NONE {
    @Override
    public double weight(double snr, double gamma, Prediction prediction) {
      return 1;
    }
  },
  /**
   * The loss of the image weighted by {@code min(SNR, γ)}, which is {@code min(SNR, γ)/SNR} for the
   * noise and {@code min(SNR, γ)/(SNR + 1)} for v: Hang et al. 2023, arXiv 2303.09556, section 3.4.
   */
  MIN_SNR {
    @Override
    public double weight(double snr, double gamma, Prediction prediction) {
      return prediction.minSnrWeight(snr, gamma);
    }
  };

  /**
   * The weight at one signal-to-noise ratio.
   *
   * @param snr {@code ᾱ/(1−ᾱ)}
   * @param gamma γ
   * @param prediction what the loss is measured against
   */
  public abstract double weight(double snr, double gamma, Prediction prediction);
}
