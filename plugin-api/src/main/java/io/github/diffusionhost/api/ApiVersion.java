package io.github.diffusionhost.api;

/**
 * The version of this contract, which a plugin's {@code Plugin-Requires} is compared with.
 *
 * <p>Semantic versioning; before 1.0 a new minor version may break plugins, so that a plugin asks
 * for {@code >=0.1.0 & <0.2.0}.
 */
public final class ApiVersion {
  /** The version that this jar holds. */
  public static final String CURRENT = "0.1.0";

  private ApiVersion() {}
}
