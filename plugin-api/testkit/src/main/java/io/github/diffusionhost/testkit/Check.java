package io.github.diffusionhost.testkit;

/**
 * One rule of the plugin contract, to be tried on one provider.
 *
 * @param name what must hold, in plain words
 * @param body throws if it does not
 */
public record Check(String name, Body body) {
  /** Tries a rule. */
  @FunctionalInterface
  public interface Body {
    /**
     * Returns if the rule holds.
     *
     * @throws AssertionError if it does not; the message says where and what was found
     * @throws Exception if the provider throws where it must not
     */
    void run() throws Exception;
  }

  /**
   * Tries the rule.
   *
   * @throws AssertionError if it does not hold; the message says where and what was found
   * @throws Exception if the provider throws where it must not
   */
  public void run() throws Exception {
    body.run();
  }
}
