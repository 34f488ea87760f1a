package io.github.diffusionhost.plugins.ddpm.process;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.scheduler.NoiseLevel;

/** What the network predicts from {@code x = signal·x0 + noise·eps}. */
public enum Prediction {
  /** The noise eps: Ho et al. 2020, arXiv 2006.11239, equation 14. */
  EPSILON {
    @Override
    public NDArray target(NDArray images, NDArray noise, NDArray signal, NDArray noiseShare) {
      return noise;
    }

    @Override
    public NoiseLevel level(Mix mix) {
      return new NoiseLevel(mix.signal(), mix.noise(), 0, 1);
    }

    @Override
    public NDArray image(NDArray x, NDArray output, Mix mix) {
      return x.sub(output.mul(mix.noise())).div(mix.signal());
    }

    @Override
    public NDArray noise(NDArray x, NDArray output, Mix mix) {
      return output;
    }

    @Override
    double minSnrWeight(double snr, double gamma) {
      return Math.min(snr, gamma) / snr;
    }
  },
  /** The image x0. */
  SAMPLE {
    @Override
    public NDArray target(NDArray images, NDArray noise, NDArray signal, NDArray noiseShare) {
      return images;
    }

    @Override
    public NoiseLevel level(Mix mix) {
      return new NoiseLevel(mix.signal(), mix.noise(), 1, 0);
    }

    @Override
    public NDArray image(NDArray x, NDArray output, Mix mix) {
      return output;
    }

    @Override
    public NDArray noise(NDArray x, NDArray output, Mix mix) {
      return x.sub(output.mul(mix.signal())).div(mix.noise());
    }

    @Override
    double minSnrWeight(double snr, double gamma) {
      return Math.min(snr, gamma);
    }
  },
  /** {@code v = signal·eps − noise·x0}: Salimans and Ho 2022, arXiv 2202.00512, section 4. */
  V {
    @Override
    public NDArray target(NDArray images, NDArray noise, NDArray signal, NDArray noiseShare) {
      return noise.mul(signal).sub(images.mul(noiseShare));
    }

    @Override
    public NoiseLevel level(Mix mix) {
      return new NoiseLevel(mix.signal(), mix.noise(), -mix.noise(), mix.signal());
    }

    @Override
    public NDArray image(NDArray x, NDArray output, Mix mix) {
      return x.mul(mix.signal()).sub(output.mul(mix.noise()));
    }

    @Override
    public NDArray noise(NDArray x, NDArray output, Mix mix) {
      return output.mul(mix.signal()).add(x.mul(mix.noise()));
    }

    @Override
    double minSnrWeight(double snr, double gamma) {
      return Math.min(snr, gamma) / (snr + 1);
    }
  };

  /**
   * What the network is trained to say, [N,C,H,W].
   *
   * @param images x0 [N,C,H,W]
   * @param noise eps [N,C,H,W]
   * @param signal [N,1,1,1]
   * @param noiseShare [N,1,1,1]
   */
  public abstract NDArray target(NDArray images, NDArray noise, NDArray signal, NDArray noiseShare);

  /** What happens at a level, in the host's words. */
  public abstract NoiseLevel level(Mix mix);

  /** The image that the network's output means, not clipped. */
  public abstract NDArray image(NDArray x, NDArray output, Mix mix);

  /** The noise that the network's output means. */
  public abstract NDArray noise(NDArray x, NDArray output, Mix mix);

  /** The weight of min-SNR-γ for a loss against this target: {@link LossWeighting#MIN_SNR}. */
  abstract double minSnrWeight(double snr, double gamma);
}
