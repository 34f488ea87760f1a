package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.engine.script.Expression;
import java.util.List;
import java.util.Locale;

/**
 * Adam (Kingma and Ba 2014, arXiv 1412.6980) and AdamW (Loshchilov and Hutter 2017, arXiv
 * 1711.05101).
 *
 * @param beta1 the decay rate of the first moment
 * @param beta2 the decay rate of the second moment
 * @param eps added to the root of the second moment
 * @param decoupled whether weights decay apart from the gradient: AdamW
 */
record Adam(double beta1, double beta2, double eps, double weightDecay, boolean decoupled)
    implements Optimizer {

  static Adam of(OptimizerOptions options, boolean decoupled) {
    return new Adam(
        options.betas().get(0),
        options.betas().get(1),
        options.eps(),
        options.weightDecay(),
        decoupled);
  }

  @Override
  public List<String> moments() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public void update(NDArray weight, NDArray gradient, List<NDArray> moments, Update update) {
    double correction1 = 1 - Math.pow(beta1, update.number());
    double correction2 = Math.sqrt(1 - Math.pow(beta2, update.number()));
    // DJL's update divides by sqrt(v) + eps where PyTorch divides by sqrt(v)/correction2 + eps:
    // the same once eps is multiplied by correction2.
    weight
        .getNDArrayInternal()
        .adamUpdate(
            new NDList(weight, gradient, moments.get(0), moments.get(1)),
            new NDList(weight),
            (float) update.lr(),
            (float) (update.lr() * correction2 / correction1),
            (float) weightDecay,
            (float) update.scale(),
            -1f,
            (float) beta1,
            (float) beta2,
            (float) (eps * correction2),
            false,
            decoupled);
  }

  @Override
  public List<String> lines(int count, String number) {
    return List.of(
        "updates = [torch.full([], %s, dtype=6, layout=None, device=device, pin_memory=None)]"
            .formatted(number),
        String.format(
            Locale.ROOT,
            "ops.aten.%s(self.trained, g, self.first, self.second, annotate(List[Tensor], []),"
                + " torch.mul(updates, %d), lr=lr, beta1=%s, beta2=%s, weight_decay=%s, eps=%s,"
                + " amsgrad=False, maximize=False, grad_scale=clip, found_inf=bad)",
            decoupled ? "_fused_adamw_" : "_fused_adam_",
            count,
            Expression.number(beta1),
            Expression.number(beta2),
            Expression.number(weightDecay),
            Expression.number(eps)));
  }
}
