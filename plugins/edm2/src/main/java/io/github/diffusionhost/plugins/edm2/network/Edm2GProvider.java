package io.github.diffusionhost.plugins.edm2.network;

import org.pf4j.Extension;

/** Config G of Karras et al. 2023, arXiv 2312.02696, table 1. */
@Extension
public final class Edm2GProvider extends Edm2ModelProvider {
  /** For the host. */
  public Edm2GProvider() {
    super(NetworkConfig.G);
  }

  @Override
  public String name() {
    return "edm2-g";
  }

  @Override
  public String summary() {
    return "U-Net of EDM2's config G: magnitude-preserving throughout";
  }
}
