package io.github.diffusionhost.engine.random;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@link CounterDraws} made by the device: a few numbers are all that goes there, and places only
 * where they do not follow each other. Words are those of {@link JvmCounterDraws}; logarithms and
 * cosines are the device's own in float32.
 */
public final class DeviceCounterDraws implements CounterDraws, AutoCloseable {
  private static final String PARAMETERS = "places: Tensor, numbers: Tensor";
  private static final String WORDS = "words: List[Tensor], numbers: Tensor";
  private static final int TAG = 0;
  private static final int EACH = 1;
  private static final int LIMIT = 2;
  private static final int FIRST = 3;
  private static final int COUNT = 4;
  private static final int KEYS = 5;
  private static final int FUSED_ROUNDS = 2;
  private static final long WORD = 0xFFFFFFFFL;
  private static final String ONE_AFTER_THE_OTHER =
      "torch.reshape(torch.stack([words[0], words[1], words[2], words[3]], 2), [n, -1])";
  private static final String INT64 = "4";
  private static final String FLOAT32 = "6";
  private static final String UINT8 = "0";

  private final NDManager manager;
  private final NDManager host;
  private final ScriptModule integers;
  private final ScriptModule floats;
  private final long key;

  /** Places that are not given one by one: says where they are made. */
  private final NDArray device;

  /**
   * Draws under a key.
   *
   * @param manager the device; arrays are left to the caller's scope
   */
  public DeviceCounterDraws(NDManager manager, long key) {
    this(manager, key, false);
  }

  /**
   * The same with TorchScript's fuser, which on a GPU makes a few kernels of the hundred operations
   * on words. They are whole numbers, so that the draws are the same bit for bit.
   *
   * @param fused whether it is used; on the CPU it does nothing
   */
  public DeviceCounterDraws(NDManager manager, long key, boolean fused) {
    this.manager = manager;
    this.host = manager.newSubManager(Device.cpu());
    this.key = key;
    ModuleText integers = new ModuleText();
    integers.method("words", PARAMETERS, "List[Tensor]", words(fused));
    integers.method("coins", WORDS, "List[Tensor]", coins());
    this.integers = new ScriptModule(integers.toString(), List.of(), manager, fused);
    ModuleText floats = new ModuleText();
    floats.method("uniform", WORDS, "List[Tensor]", uniform());
    floats.method("normal", WORDS, "List[Tensor]", normal());
    this.floats = new ScriptModule(floats.toString(), List.of(), manager);
    this.device = manager.zeros(new Shape(0), DataType.INT64);
    NDScope.unregister(device);
  }

  @Override
  public NDArray uniform(long[] places, int tag, int each) {
    return call(floats, "uniform", places, tag, each, 0);
  }

  @Override
  public NDArray normal(long[] places, int tag, int each) {
    return call(floats, "normal", places, tag, each, 0);
  }

  @Override
  public NDArray coins(long[] places, int tag, int each, int limit) {
    return call(integers, "coins", places, tag, each, limit);
  }

  @Override
  public void close() {
    device.close();
    integers.close();
    floats.close();
    host.close();
  }

  private NDArray call(
      ScriptModule module, String method, long[] places, int tag, int each, int limit) {
    long[] numbers = new long[KEYS + 2 * Philox.ROUNDS];
    numbers[TAG] = tag & WORD;
    numbers[EACH] = each;
    numbers[LIMIT] = limit;
    for (int round = 0; round < Philox.ROUNDS; round++) {
      numbers[KEYS + 2 * round] = ((int) key + round * Philox.FIRST_BUMP) & WORD;
      numbers[KEYS + 2 * round + 1] =
          ((int) (key >>> Integer.SIZE) + round * Philox.SECOND_BUMP) & WORD;
    }
    boolean following = following(places);
    if (following) {
      numbers[FIRST] = places[0];
      numbers[COUNT] = places.length;
    }
    // Numbers stay on the CPU: reading one there never waits for a device, and what is copied to
    // one
    // by DJL does.
    try (NDArray few = host.create(numbers)) {
      NDArray at = following ? device : manager.create(places);
      NDList drawn = integers.call("words", at, few);
      NDArray result = module.call(method, drawn, few).singletonOrThrow();
      drawn.close();
      if (!following) {
        at.close();
      }
      return result;
    }
  }

  /** Whether each is the one before and 1. */
  private static boolean following(long[] places) {
    for (int i = 1; i < places.length; i++) {
      if (places[i] != places[0] + i) {
        return false;
      }
    }
    return places.length > 0;
  }

  /**
   * Four of [places, blocks] int64: the words of enough blocks for as many elements, at one a word.
   *
   * <p>The fuser writes a value anew wherever it is used, so that a kernel of all rounds would be a
   * thousand times one of a single round: what is done in place, which it leaves alone, ends one.
   */
  private static String words(boolean fused) {
    ProgramText text = new ProgramText();
    text.line("device = places.device");
    text.line(
        "if torch.gt(%2$s, 0):\n      at = torch.arange(%1$s, torch.add(%1$s, %2$s), dtype=%3$s, layout=None, device=device, pin_memory=None)\n    else:\n      at = places"
            .formatted(number(FIRST), number(COUNT), INT64));
    text.line("n = torch.size(at, 0)");
    text.line("blocks = torch.floordiv(torch.add(" + number(EACH) + ", 3), 4)");
    text.line(
        "c0 = torch.expand(torch.arange(blocks, dtype=%s, layout=None, device=device, pin_memory=None), [n, blocks])"
            .formatted(INT64));
    text.line(
        "c1 = torch.full([n, blocks], %s, dtype=%s, layout=None, device=device, pin_memory=None)"
            .formatted(number(TAG), INT64));
    text.line("c2 = torch.expand(torch.unsqueeze(" + lower("at") + ", 1), [n, blocks])");
    text.line("c3 = torch.expand(torch.unsqueeze(" + upper("at") + ", 1), [n, blocks])");
    for (int round = 0; round < Philox.ROUNDS; round++) {
      text.line("p = torch.mul(c0, " + Philox.FIRST_FACTOR + ")");
      text.line("q = torch.mul(c2, " + Philox.SECOND_FACTOR + ")");
      text.line("c0 = " + xor(xor(upper("q"), "c1"), number(KEYS + 2 * round)));
      text.line("c1 = " + lower("q"));
      text.line("c2 = " + xor(xor(upper("p"), "c3"), number(KEYS + 2 * round + 1)));
      text.line("c3 = " + lower("p"));
      if (fused && round % FUSED_ROUNDS == FUSED_ROUNDS - 1) {
        text.line("c0 = torch.bitwise_and_(c0, " + WORD + ")");
        text.line("c2 = torch.bitwise_and_(c2, " + WORD + ")");
      }
    }
    text.line("return [c0, c1, c2, c3]");
    return text.toString();
  }

  private static String uniform() {
    ProgramText text = new ProgramText();
    text.line("n = torch.size(words[0], 0)");
    text.line("bits = torch.bitwise_right_shift(" + ONE_AFTER_THE_OTHER + ", 8)");
    text.line(returned("torch.mul(torch.to(bits, %s), %s)".formatted(FLOAT32, 0x1p-24)));
    return text.toString();
  }

  private static String normal() {
    ProgramText text = new ProgramText();
    text.line("n = torch.size(words[0], 0)");
    text.line("all = torch.to(" + ONE_AFTER_THE_OTHER + ", " + FLOAT32 + ")");
    text.line("pairs = torch.reshape(all, [n, -1, 2])");
    text.line("u = torch.mul(torch.add(torch.select(pairs, 2, 0), 0.5), %s)".formatted(0x1p-32));
    text.line("radius = torch.sqrt(torch.mul(torch.log(u), -2.))");
    text.line("angle = torch.mul(torch.select(pairs, 2, 1), %s)".formatted(2 * Math.PI * 0x1p-32));
    text.line(
        "both = torch.stack([torch.mul(radius, torch.cos(angle)), torch.mul(radius, torch.sin(angle))], 2)");
    text.line(returned("torch.reshape(both, [n, -1])"));
    return text.toString();
  }

  private static String coins() {
    ProgramText text = new ProgramText();
    text.line("n = torch.size(words[0], 0)");
    text.line("limit = " + number(LIMIT));
    List<String> halves = new ArrayList<>();
    for (int word = 0; word < 4; word++) {
      String w = "words[" + word + "]";
      halves.add(below("torch.__and__(" + w + ", 65535)"));
      halves.add(below("torch.__rshift__(" + w + ", 16)"));
    }
    text.line("all = torch.reshape(torch.stack([" + String.join(", ", halves) + "], 2), [n, -1])");
    text.line(returned("all"));
    return text.toString();
  }

  /** As many as are wanted of the values of each image. */
  private static String returned(String values) {
    return "return [torch.reshape(torch.slice(%s, 1, 0, %s, 1), [-1])]"
        .formatted(values, number(EACH));
  }

  private static String below(String half) {
    return "torch.to(torch.lt(" + half + ", limit), " + UINT8 + ")";
  }

  private static String number(int index) {
    return String.format(Locale.ROOT, "int(numbers[%d])", index);
  }

  private static String xor(String a, String b) {
    return "torch.__xor__(" + a + ", " + b + ")";
  }

  private static String lower(String value) {
    return "torch.__and__(" + value + ", " + WORD + ")";
  }

  private static String upper(String value) {
    return lower("torch.__rshift__(" + value + ", 32)");
  }
}
