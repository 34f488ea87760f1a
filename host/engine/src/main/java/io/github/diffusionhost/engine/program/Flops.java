package io.github.diffusionhost.engine.program;

import java.util.List;

/**
 * Counts the floating-point operations of a program's products and convolutions, a multiplication
 * and an addition as two. Everything else is left out: it is bound by memory.
 */
public final class Flops {
  private Flops() {}

  /**
   * The operations of one call.
   *
   * @param images the number of images N that sizes depend on
   */
  public static long of(Program program, long images) {
    return program.nodes().stream().mapToLong(node -> of(node, images)).sum();
  }

  private static long of(Node node, long images) {
    return switch (node.op()) {
      case "aten::linear", "aten::mm", "aten::bmm", "aten::matmul" -> product(node, images);
      case "aten::convolution" ->
          convolution(node.output(), node.input(0), node.input(1), flag(node, 6), images);
      case "aten::convolution_backward" -> {
        // The gradients by input and by weight are convolutions of as many products as the forward
        // one; that by bias is a sum.
        List<Boolean> mask = ((Argument.Flags) node.arguments().get(10)).values();
        long wanted = mask.subList(0, 2).stream().filter(Boolean::booleanValue).count();
        yield wanted
            * convolution(node.input(0), node.input(1), node.input(2), flag(node, 7), images);
      }
      case "aten::_scaled_dot_product_flash_attention_for_cpu" -> 2 * scores(node, 0, 1, images);
      // Four products as if the weights were kept; that they are made again is not counted.
      case "aten::_scaled_dot_product_flash_attention_for_cpu_backward" ->
          4 * scores(node, 1, 2, images);
      default -> 0;
    };
  }

  /** Of one product of queries and keys, both [N, heads, T, D]. */
  private static long scores(Node node, int queries, int keys, long images) {
    long tokens = node.input(keys).type().dim(2).at(images);
    return 2 * tokens * elements(node.input(queries), images);
  }

  /** 2·M·K·N: K products for every element of the result. */
  private static long product(Node node, long images) {
    long depth = node.input(0).type().dim(-1).at(images);
    return 2 * depth * elements(node.output(), images);
  }

  /**
   * Every element of the result is a sum over the kernel and its channels; transposed, every
   * element of the image goes to as many of the result. A kernel is [O, I/groups, …], transposed
   * [I, O/groups, …].
   */
  private static long convolution(
      Value result, Value image, Value kernel, boolean transposed, long images) {
    long taps = kernel.type().product(1, kernel.type().rank()).at(images);
    return 2 * taps * elements(transposed ? image : result, images);
  }

  private static boolean flag(Node node, int index) {
    return ((Argument.Flag) node.arguments().get(index)).value();
  }

  /** Dimension by dimension: the product may be quadratic in the number of images. */
  private static long elements(Value value, long images) {
    return value.type().shape().stream()
        .mapToLong(dim -> dim.at(images))
        .reduce(1, Math::multiplyExact);
  }
}
