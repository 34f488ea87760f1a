package io.github.diffusionhost.engine.levels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * The part of a compiled step that adds up losses by noise level, on the device: {@code by_level}
 * makes of the loss, squared error and level of each image the numbers of the bins' {@link
 * LevelSum}s, [NUMBERS, bins] float64.
 *
 * <p>Each number is a sum over a row and no scattered addition, which a GPU does in any order: a
 * run that goes on ends with the same bits.
 */
public final class LevelScript {
  public static final String LEVELS = "levels";

  /** The place of the sums that last in the list; the others are constants. */
  public static final int SUMS = 0;

  private static final int BINS = 1;
  private static final int ENDS = 2;
  private static final int BOUNDARIES = 3;
  private static final int REFERENCES = 4;

  private LevelScript() {}

  /** What is bound to the list. */
  public static List<NDArray> tensors(LevelBins bins, NDManager manager) {
    int count = bins.count();
    long[] numbers = LongStream.range(0, count).toArray();
    return List.of(
        manager.zeros(new Shape(LevelSum.NUMBERS, count), DataType.FLOAT64),
        manager.create(numbers, new Shape(count, 1)),
        manager.create(bins.ends()),
        manager.create(bins.boundaries()),
        manager.create(bins.references()));
  }

  /** Adds the list and the method. */
  public static void write(ModuleText module) {
    module.list(LEVELS);
    ProgramText text = new ProgramText();
    text.line("exact = torch.to(level, 7)");
    text.line("bins = torch.bucketize(exact, %s, right=True)".formatted(element(ENDS)));
    text.line("nearest = torch.bucketize(exact, %s)".formatted(element(BOUNDARIES)));
    text.line("linear = torch.index_select(%s, 0, nearest)".formatted(element(REFERENCES)));
    text.line(
        "each = torch.stack([torch.ones_like(linear), torch.to(loss, 7), torch.to(squared, 7), linear])");
    text.line("within = torch.eq(torch.unsqueeze(bins, 0), %s)".formatted(element(BINS)));
    // Not a product with the mask: what is not finite stays in its own bin.
    text.line("return torch.sum(torch.where(within, torch.unsqueeze(each, 1), 0.0), [2])");
    module.method(
        "by_level", "loss: Tensor, squared: Tensor, level: Tensor", "Tensor", text.toString());
  }

  /** An element of the list. */
  public static String element(int index) {
    return String.format(Locale.ROOT, "(self.%s)[%d]", LEVELS, index);
  }
}
