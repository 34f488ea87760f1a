package io.github.diffusionhost.engine.random;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
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
  private static final int TAG = 0;
  private static final int EACH = 1;
  private static final int LIMIT = 2;
  private static final int FIRST = 3;
  private static final int COUNT = 4;
  private static final int KEYS = 5;

  /** Of a block. */
  private static final int WORDS = 4;

  private static final long WORD = 0xFFFFFFFFL;
  private static final String INT64 = "4";
  private static final String FLOAT32 = "6";
  private static final String UINT8 = "0";

  private final NDManager manager;
  private final NDManager host;
  private final ScriptModule module;
  private final long key;

  /** Given for places that follow each other: only its device is looked at. */
  private final NDArray none;

  /**
   * Draws under a key.
   *
   * @param manager the device; arrays are left to the caller's scope
   */
  public DeviceCounterDraws(NDManager manager, long key) {
    this.manager = manager;
    this.host = manager.newSubManager(Device.cpu());
    this.key = key;
    ModuleText code = new ModuleText();
    code.method("words", PARAMETERS, "List[Tensor]", words());
    code.method("uniform", PARAMETERS, "List[Tensor]", uniform());
    code.method("normal", PARAMETERS, "List[Tensor]", normal());
    code.method("coins", PARAMETERS, "List[Tensor]", coins());
    this.module = new ScriptModule(code.toString(), List.of(), manager);
    this.none = manager.zeros(new Shape(0), DataType.INT64);
    NDScope.unregister(none);
  }

  @Override
  public NDArray uniform(long[] places, int tag, int each) {
    return call("uniform", places, tag, each, 0);
  }

  @Override
  public NDArray normal(long[] places, int tag, int each) {
    return call("normal", places, tag, each, 0);
  }

  @Override
  public NDArray coins(long[] places, int tag, int each, int limit) {
    return call("coins", places, tag, each, limit);
  }

  @Override
  public void close() {
    none.close();
    module.close();
    host.close();
  }

  private NDArray call(String method, long[] places, int tag, int each, int limit) {
    long[] numbers = new long[KEYS + 2 * Philox.ROUNDS];
    numbers[TAG] = tag & WORD;
    numbers[EACH] = each;
    numbers[LIMIT] = limit;
    for (int round = 0; round < Philox.ROUNDS; round++) {
      numbers[KEYS + 2 * round] = ((int) key + round * Philox.FIRST_BUMP) & WORD;
      numbers[KEYS + 2 * round + 1] =
          ((int) (key >>> Integer.SIZE) + round * Philox.SECOND_BUMP) & WORD;
    }
    boolean follow = follow(places);
    if (follow) {
      numbers[FIRST] = places[0];
      numbers[COUNT] = places.length;
    }
    // Numbers stay on the CPU: reading one there never waits for a device. Copying places to it
    // does.
    try (NDArray few = host.create(numbers);
        NDArray given = follow ? null : manager.create(places)) {
      // What a script gives is nothing that gradients can be taken through: a copy is.
      try (NDArray drawn = module.call(method, given == null ? none : given, few).get(0)) {
        return drawn.duplicate();
      }
    }
  }

  /** Whether each is the one before and 1. */
  private static boolean follow(long[] places) {
    for (int i = 1; i < places.length; i++) {
      if (places[i] != places[0] + i) {
        return false;
      }
    }
    return places.length > 0;
  }

  /**
   * Four of [places, blocks] int64: the words of enough blocks for as many elements, at one a word.
   */
  private static String words() {
    ProgramText text = new ProgramText();
    String first = number(FIRST);
    String count = number(COUNT);
    text.line("device = places.device");
    text.line("at = places");
    text.line("if torch.gt(" + count + ", 0):");
    text.line(
        "  at = torch.arange(%1$s, torch.add(%1$s, %2$s), dtype=%3$s, layout=None, device=device, pin_memory=None)"
            .formatted(first, count, INT64));
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
    }
    text.line("return [c0, c1, c2, c3]");
    return text.toString();
  }

  private static String uniform() {
    ProgramText text = new ProgramText();
    oneAfterTheOther(text);
    text.line("bits = torch.bitwise_right_shift(words, 8)");
    text.line(returned("torch.mul(torch.to(bits, %s), %s)".formatted(FLOAT32, 0x1p-24)));
    return text.toString();
  }

  private static String normal() {
    ProgramText text = new ProgramText();
    oneAfterTheOther(text);
    text.line("pairs = torch.reshape(torch.to(words, %s), [n, -1, 2])".formatted(FLOAT32));
    text.line("u = torch.mul(torch.add(torch.select(pairs, 2, 0), 0.5), %s)".formatted(0x1p-32));
    text.line("radius = torch.sqrt(torch.mul(torch.log(u), -2.))");
    text.line("angle = torch.mul(torch.select(pairs, 2, 1), %s)".formatted(2 * Math.PI * 0x1p-32));
    text.line(
        "both = torch.stack([torch.mul(radius, torch.cos(angle)), torch.mul(radius, torch.sin(angle))], 2)");
    text.line(returned("torch.reshape(both, [n, -1])"));
    return text.toString();
  }

  /** Compared before they are put side by side: in an eighth of the bytes. */
  private static String coins() {
    ProgramText text = new ProgramText();
    text.line("c = self.words(places, numbers)");
    text.line("n = torch.size(c[0], 0)");
    text.line("limit = " + number(LIMIT));
    List<String> halves = new ArrayList<>();
    for (int word = 0; word < WORDS; word++) {
      halves.add(below("torch.bitwise_and(c[" + word + "], 65535)"));
      halves.add(below("torch.bitwise_right_shift(c[" + word + "], 16)"));
    }
    text.line("all = torch.stack([" + String.join(", ", halves) + "], 2)");
    text.line(returned("torch.reshape(all, [n, -1])"));
    return text.toString();
  }

  private static String below(String half) {
    return "torch.to(torch.lt(" + half + ", limit), " + UINT8 + ")";
  }

  /** Names {@code words}, [places, 4·blocks] int64, and {@code n}, how many places there are. */
  private static void oneAfterTheOther(ProgramText text) {
    text.line("c = self.words(places, numbers)");
    text.line("n = torch.size(c[0], 0)");
    text.line("words = torch.reshape(torch.stack(c, 2), [n, -1])");
  }

  /** As many as are wanted of the values of each image. */
  private static String returned(String values) {
    return "return [torch.reshape(torch.slice(%s, 1, 0, %s, 1), [-1])]"
        .formatted(values, number(EACH));
  }

  private static String number(int index) {
    return String.format(Locale.ROOT, "int(numbers[%d])", index);
  }

  private static String xor(String a, String b) {
    return "torch.bitwise_xor(" + a + ", " + b + ")";
  }

  private static String lower(String value) {
    return "torch.bitwise_and(" + value + ", " + WORD + ")";
  }

  private static String upper(String value) {
    return lower("torch.bitwise_right_shift(" + value + ", 32)");
  }
}
