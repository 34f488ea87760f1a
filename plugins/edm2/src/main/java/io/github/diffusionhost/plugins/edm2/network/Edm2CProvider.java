package io.github.diffusionhost.plugins.edm2.network;

import org.pf4j.Extension;

/** Config C of Karras et al. 2023, arXiv 2312.02696, table 1. */
@Extension
public final class Edm2CProvider extends Edm2ModelProvider {
  /** For the host. */
  public Edm2CProvider() {
    super(NetworkConfig.C);
  }

  @Override
  public String name() {
    return "edm2-c";
  }

  @Override
  public String summary() {
    return "U-Net of EDM2's config C: no biases, cosine attention, group norms";
  }
}
