package io.github.diffusionhost.engine.optimize;

import io.github.diffusionhost.api.options.Option;
import java.util.List;

/** The optimizer: the {@code train.optimizer} section of a config. */
public record OptimizerOptions(
    @Option("which optimizer") Kind use,
    @Option(value = "learning rate", min = 0) double lr,
    @Option(value = "adam, adamw: decay rates of the two moments", min = 0, max = 0.9999999)
        List<Double> betas,
    @Option(value = "adam, adamw: added to the root of the second moment", min = 0) double eps,
    @Option(value = "weight decay: into the gradient (adam, sgd) or apart from it (adamw)", min = 0)
        double weightDecay,
    @Option(value = "sgd: momentum", min = 0, max = 0.9999999) double momentum) {

  /** The optimizers. */
  public enum Kind {
    SGD,
    ADAM,
    ADAMW
  }

  /** AdamW with the numbers of recipe R3. */
  public static final OptimizerOptions DEFAULTS =
      new OptimizerOptions(Kind.ADAMW, 2e-4, List.of(0.9, 0.999), 1e-8, 0.01, 0);

  /** Checks what the ranges of single options cannot. */
  public OptimizerOptions {
    betas = List.copyOf(betas);
    if (betas.size() != 2) {
      throw new IllegalArgumentException("betas takes two numbers, not " + betas.size());
    }
    if (use != Kind.SGD && momentum != 0) {
      throw new IllegalArgumentException("momentum belongs to sgd; adam has betas");
    }
  }

  /** The optimizer that they describe. */
  public Optimizer optimizer() {
    return switch (use) {
      case SGD -> Sgd.of(this);
      case ADAM -> Adam.of(this, false);
      case ADAMW -> Adam.of(this, true);
    };
  }
}
