package io.github.diffusionhost.engine.random;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.util.List;
import java.util.Locale;

/**
 * {@link CounterDraws} made by the device: places and a few numbers are all that goes there. Words
 * are those of {@link JvmCounterDraws}; logarithms and cosines are the device's own in float32.
 */
public final class DeviceCounterDraws implements CounterDraws, AutoCloseable {
  private static final String PARAMETERS = "places: Tensor, numbers: Tensor";
  private static final int TAG = 0;
  private static final int EACH = 1;
  private static final int LIMIT = 2;
  private static final int KEYS = 3;
  private static final long WORD = 0xFFFFFFFFL;
  private static final String INT64 = "4";
  private static final String FLOAT32 = "6";
  private static final String UINT8 = "0";

  private final NDManager manager;
  private final NDManager host;
  private final ScriptModule module;
  private final long key;

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
    code.method("words", PARAMETERS, "Tensor", words());
    code.method("uniform", PARAMETERS, "List[Tensor]", uniform());
    code.method("normal", PARAMETERS, "List[Tensor]", normal());
    code.method("coins", PARAMETERS, "List[Tensor]", coins());
    this.module = new ScriptModule(code.toString(), List.of(), manager);
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
    // Numbers stay on the CPU: reading one there never waits for a device.
    try (NDArray at = manager.create(places);
        NDArray few = host.create(numbers)) {
      return module.call(method, at, few).get(0);
    }
  }

  /** [places, 4·blocks] int64: the words of enough blocks for as many elements, at one a word. */
  private static String words() {
    ProgramText text = new ProgramText();
    text.line("n = torch.size(places, 0)");
    text.line("blocks = torch.floordiv(torch.add(" + number(EACH) + ", 3), 4)");
    text.line("device = places.device");
    text.line(
        "c0 = torch.expand(torch.arange(blocks, dtype=%s, layout=None, device=device, pin_memory=None), [n, blocks])"
            .formatted(INT64));
    text.line(
        "c1 = torch.full([n, blocks], %s, dtype=%s, layout=None, device=device, pin_memory=None)"
            .formatted(number(TAG), INT64));
    text.line("c2 = torch.expand(torch.unsqueeze(" + lower("places") + ", 1), [n, blocks])");
    text.line("c3 = torch.expand(torch.unsqueeze(" + upper("places") + ", 1), [n, blocks])");
    for (int round = 0; round < Philox.ROUNDS; round++) {
      text.line("p = torch.mul(c0, " + Philox.FIRST_FACTOR + ")");
      text.line("q = torch.mul(c2, " + Philox.SECOND_FACTOR + ")");
      text.line("c0 = " + xor(xor(upper("q"), "c1"), number(KEYS + 2 * round)));
      text.line("c1 = " + lower("q"));
      text.line("c2 = " + xor(xor(upper("p"), "c3"), number(KEYS + 2 * round + 1)));
      text.line("c3 = " + lower("p"));
    }
    text.line("return torch.reshape(torch.stack([c0, c1, c2, c3], 2), [n, torch.mul(blocks, 4)])");
    return text.toString();
  }

  private static String uniform() {
    ProgramText text = new ProgramText();
    text.line("words = self.words(places, numbers)");
    text.line("bits = torch.bitwise_right_shift(words, 8)");
    text.line(returned("torch.mul(torch.to(bits, %s), %s)".formatted(FLOAT32, 0x1p-24)));
    return text.toString();
  }

  private static String normal() {
    ProgramText text = new ProgramText();
    text.line("words = self.words(places, numbers)");
    text.line("n = torch.size(words, 0)");
    text.line("pairs = torch.reshape(torch.to(words, %s), [n, -1, 2])".formatted(FLOAT32));
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
    text.line("words = self.words(places, numbers)");
    text.line("n = torch.size(words, 0)");
    text.line(
        "halves = torch.stack([torch.bitwise_and(words, 65535), torch.bitwise_right_shift(words, 16)], 2)");
    text.line("low = torch.lt(torch.reshape(halves, [n, -1]), " + number(LIMIT) + ")");
    text.line(returned("torch.to(low, %s)".formatted(UINT8)));
    return text.toString();
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
