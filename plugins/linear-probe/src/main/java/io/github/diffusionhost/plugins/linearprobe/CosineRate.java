package io.github.diffusionhost.plugins.linearprobe;

/** Cosine annealing without restarts: Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5. */
final class CosineRate {
  private CosineRate() {}

  /** {@code ½·first·(1 + cos(π·epoch/epochs))}, the learning rate of an epoch, from 0. */
  static double at(int epoch, int epochs, double first) {
    return first * (1 + Math.cos(Math.PI * epoch / epochs)) / 2;
  }
}
