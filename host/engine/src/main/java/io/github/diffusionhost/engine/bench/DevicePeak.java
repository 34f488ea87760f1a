package io.github.diffusionhost.engine.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The speed of a device at what it does best: large products and convolutions in a loop of native
 * code. What a training step reaches is seen against it (Williams et al. 2009, "Roofline").
 */
public final class DevicePeak {
  private static final int BLOCKS = 5;

  private final NDManager manager;
  private final DataType type;
  private final double seconds;

  /**
   * What was measured.
   *
   * @param flopsPerSecond floating-point operations a second
   * @param size the size of the problem: N of the method that measured it
   */
  public record Peak(double flopsPerSecond, long size) {}

  /** One operation on two tensors, and what it does: so many operations on numbers, or bytes. */
  private record Problem(long size, String operation, Shape left, Shape right, double work) {}

  /**
   * Measures on a device.
   *
   * @param manager the device
   * @param type the element type, float32 or bfloat16
   * @param seconds about how long each measurement takes; problems that take longer, as in a type
   *     that the device only imitates, are made smaller
   */
  public DevicePeak(NDManager manager, DataType type, double seconds) {
    this.manager = manager;
    this.type = type;
    this.seconds = seconds;
  }

  /** Products of two matrices [N,N], N = 2048 if the device is quick enough. */
  public Peak products() {
    return measure(
        List.of(256L, 512L, 1024L, 2048L),
        size -> {
          Shape shape = new Shape(size, size);
          return new Problem(size, "torch.mm(a, b)", shape, shape, 2.0 * size * size * size);
        });
  }

  /**
   * Convolutions of images [N,128,32,32] with 128 kernels of 3×3 pixels, N = 16 if the device is
   * quick enough.
   */
  public Peak convolutions() {
    return measure(
        List.of(1L, 4L, 16L),
        size -> {
          Shape images = new Shape(size, 128, 32, 32);
          return new Problem(
              size,
              "torch.convolution(a, b, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1)",
              images,
              new Shape(128, 128, 3, 3),
              2.0 * images.size() * 128 * 9);
        });
  }

  /** Bytes a second that sums of two vectors of 64 MiB read and write. */
  public double traffic() {
    Shape vector = new Shape(1L << 24);
    double bytes = 3.0 * Float.BYTES * vector.size();
    return best(new Problem(vector.size(), "torch.add(a, b)", vector, vector, bytes), seconds);
  }

  /** The speed of the largest problem that is done in time. */
  private Peak measure(List<Long> sizes, LongFunction<Problem> problems) {
    Problem problem = problems.apply(sizes.get(0));
    for (long size : sizes.subList(1, sizes.size())) {
      Problem larger = problems.apply(size);
      double once = problem.work / best(problem, 0);
      if (once * larger.work / problem.work > seconds) {
        break;
      }
      problem = larger;
    }
    return new Peak(best(problem, seconds), problem.size);
  }

  /** The speed of the best of several blocks of rounds. */
  private double best(Problem problem, double until) {
    try (NDManager scope = manager.newSubManager();
        NDScope temporary = new NDScope();
        ScriptModule module = loop(problem.operation, scope)) {
      temporary.suppressNotUsedWarning();
      NDArray a = module.call("cast", uniform(problem.left)).singletonOrThrow();
      NDArray b = module.call("cast", uniform(problem.right)).singletonOrThrow();
      time(module, a, b, 1);
      double best = time(module, a, b, 1);
      int rounds = (int) Math.max(1, until / BLOCKS / best);
      double spent = 0;
      while (spent < until) {
        double block = time(module, a, b, rounds);
        spent += block;
        best = Math.min(best, block / rounds);
      }
      return problem.work / best;
    }
  }

  /** Seconds that so many rounds take. */
  private double time(ScriptModule module, NDArray a, NDArray b, int rounds) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray count = manager.create(rounds);
      long start = System.nanoTime();
      // Reading a number waits for the device.
      module.call("repeat", a, b, count).singletonOrThrow().getFloat();
      return 1e-9 * (System.nanoTime() - start);
    }
  }

  private NDArray uniform(Shape shape) {
    return manager.randomUniform(-1, 1, shape);
  }

  private ScriptModule loop(String operation, NDManager manager) {
    ProgramText text = new ProgramText();
    text.line("y = a");
    text.line("for i in range(int(rounds)):");
    text.line("  y = " + operation);
    text.line("return [torch.to(torch.select(torch.reshape(y, [-1]), 0, 0), 6)]");
    ModuleText module = new ModuleText();
    // DJL 0.35.1 ends the process when it is asked to convert to bfloat16.
    int code = type == DataType.BFLOAT16 ? 15 : 6;
    module.method("cast", "x: Tensor", "List[Tensor]", "    return [torch.to(x, " + code + ")]\n");
    module.method(
        "repeat", "a: Tensor, b: Tensor, rounds: Tensor", "List[Tensor]", text.toString());
    return new ScriptModule(module.toString(), module.lists(), manager);
  }
}
