package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.script.Expression;
import java.util.List;

/** Stochastic gradient descent with momentum, without dampening. */
record Sgd(double weightDecay, double momentum) implements Optimizer {
  static Sgd of(OptimizerOptions options) {
    return new Sgd(options.weightDecay(), options.momentum());
  }

  @Override
  public List<String> moments() {
    return momentum > 0 ? List.of("momentum_buffer") : List.of();
  }

  @Override
  public void update(NDArray weight, NDArray gradient, List<NDArray> moments, Update update) {
    NDArray direction = gradient.mul(update.scale());
    if (weightDecay > 0) {
      direction.addi(weight.mul(weightDecay));
    }
    if (momentum > 0) {
      direction = moments.get(0).muli(momentum).addi(direction);
    }
    weight.subi(direction.mul(update.lr()));
    gradient.subi(gradient);
  }

  @Override
  public List<String> lines(int count, String number) {
    return List.of(
        ("ops.aten._fused_sgd_(self.trained, g, self.first, weight_decay=%s, momentum=%s, lr=lr,"
                + " dampening=0.0, nesterov=False, maximize=False, is_first_step=False,"
                + " grad_scale=clip, found_inf=bad)")
            .formatted(Expression.number(weightDecay), Expression.number(momentum)));
  }
}
