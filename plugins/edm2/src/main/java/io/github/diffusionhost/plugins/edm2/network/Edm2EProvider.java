package io.github.diffusionhost.plugins.edm2.network;

import org.pf4j.Extension;

/** Config E of Karras et al. 2023, arXiv 2312.02696, table 1. */
@Extension
public final class Edm2EProvider extends Edm2ModelProvider {
  /** For the host. */
  public Edm2EProvider() {
    super(NetworkConfig.E);
  }

  @Override
  public String name() {
    return "edm2-e";
  }

  @Override
  public String summary() {
    return "U-Net of EDM2's config E: C with forced weight normalisation";
  }
}
