package io.github.diffusionhost.engine.step;

import io.github.diffusionhost.engine.compile.LossTrace;
import io.github.diffusionhost.engine.compile.RecordedDraws;
import io.github.diffusionhost.engine.compile.Renormalization;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.levels.LevelScript;
import io.github.diffusionhost.engine.optimize.Optimizer;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The text of a whole training step: {@code prepare} makes what depends on weights alone, {@code
 * micro} the loss and the gradients of some images, and their losses by noise level, {@code
 * gradients} from their sums the gradients of the weights; {@code step} runs them for each
 * micro-batch, clips, updates the weights and their averages, and adds to the sums. Everything that
 * lasts is bound by reference.
 */
final class StepScript {
  static final String WEIGHTS = "weights";
  static final String CONSTANTS = "constants";
  static final String PIXELS = "pixels";
  static final String TRAINED = "trained";
  static final String FIRST = "first";
  static final String SECOND = "second";
  static final String SUMS = "sums";

  /** Places in the numbers that every step is given. */
  static final int LR = 0;

  static final int UPDATE = 1;
  static final int MICRO = 2;
  static final int AVERAGES = 3;

  private final StepProgram program;
  private final SharedScript shared;
  private final Map<String, Integer> weightIndex;
  private final TrainingSetup setup;
  private final ModuleText module = new ModuleText();

  /**
   * Writes for a program.
   *
   * @param weightIndex the place of each weight in the list of all
   */
  StepScript(StepProgram program, Map<String, Integer> weightIndex, TrainingSetup setup) {
    this.program = program;
    this.shared = new SharedScript(program, weightIndex);
    this.weightIndex = weightIndex;
    this.setup = setup;
    List.of(WEIGHTS, CONSTANTS, PIXELS, TRAINED, FIRST, SECOND, SUMS).forEach(module::list);
    IntStream.range(0, setup.averages().size()).forEach(i -> module.list(average(i)));
    LevelScript.write(module);
    shared.write(module);
    micro();
    renormalize();
    step();
  }

  /** The name of a running average's list. */
  static String average(int index) {
    return "average" + index;
  }

  ModuleText module() {
    return module;
  }

  private void micro() {
    ProgramText text = new ProgramText();
    Program whole = program.program();
    text.line("n = torch.size(indices, 0)");
    text.line("device = ((self.pixels)[0]).device");
    text.line("pixels = torch.index_select((self.pixels)[0], 0, indices)");
    text.name(program.pixels(), "pixels");
    if (program.labels() != null) {
      text.name(program.labels(), "labels");
    }
    text.name(program.seed(), "seed");
    int images = 0;
    int common = 0;
    for (RecordedDraws.Draw draw : program.draws()) {
      String place =
          StepProgram.perImage(draw) ? "draws[" + images++ + "]" : "shared[" + common++ + "]";
      text.name(draw.value(), place);
    }
    program
        .weights()
        .forEach(
            (name, value) -> text.name(value, "(self.weights)[" + weightIndex.get(name) + "]"));
    text.constants(whole, CONSTANTS, 0);
    shared.name(text);
    text.write(whole.with(shared.rest()));
    List<Value> outputs = whole.outputs();
    int losses = LossTrace.OUTPUTS;
    int gradients = losses + program.updated().size();
    text.line(
        "return (torch.sum(%1$s), %2$s, %3$s, self.by_level(%4$s), %1$s)"
            .formatted(
                text.name(outputs.get(0)),
                text.names(outputs.subList(gradients, outputs.size())),
                text.names(outputs.subList(losses, gradients)),
                outputs.subList(0, losses).stream()
                    .map(text::name)
                    .collect(Collectors.joining(", "))));
    module.method(
        "micro",
        "indices: Tensor, labels: Tensor, draws: List[Tensor], shared: List[Tensor], seed: Tensor,"
            + " prepared: List[Tensor]",
        "Tuple[Tensor, List[Tensor], List[Tensor], Tensor, Tensor]",
        text.toString());
  }

  private void renormalize() {
    Renormalization changes = program.renormalization();
    ProgramText text = new ProgramText();
    text.line("device = ((self.pixels)[0]).device");
    changes
        .weights()
        .forEach(
            (name, value) -> text.name(value, "(self.weights)[" + weightIndex.get(name) + "]"));
    text.constants(changes.program(), CONSTANTS, shared.constants());
    text.write(changes.program());
    // One by one: TorchScript takes a _foreach_copy_ into a list made here for code without effect.
    for (int i = 0; i < changes.changed().size(); i++) {
      text.line(
          String.format(
              Locale.ROOT,
              "torch.copy_((self.weights)[%d], %s)",
              weightIndex.get(changes.changed().get(i)),
              text.name(changes.program().outputs().get(i))));
    }
    text.line("return None");
    module.method("renormalize", "", "None", text.toString());
  }

  private void step() {
    ProgramText text = new ProgramText();
    text.line("self.renormalize()");
    text.line("images = torch.size(indices, 0)");
    text.line(String.format(Locale.ROOT, "micro = int(numbers[%d])", MICRO));
    text.line("device = ((self.pixels)[0]).device");
    here(text);
    text.line(
        "seed = torch.full([], 1.0 / float(images), dtype=6, layout=None, device=device, pin_memory=None)");
    text.line("prepared = self.prepare()");
    text.line(
        "total, g, u, levels, each = self.micro(%s, shared, seed, prepared)".formatted(part("0")));
    text.line("parts = torch.floordiv(images, micro)");
    text.line("for i in range(1, parts):");
    text.line(
        "  more, h, v, others, each = self.micro(%s, shared, seed, prepared)"
            .formatted(part("i * micro")));
    if (!program.updated().isEmpty()) {
      text.line("  torch._foreach_add_(u, v)");
    }
    text.line("  total = torch.add(total, more)");
    text.line("  levels = torch.add(levels, others)");
    text.line("  torch._foreach_add_(g, h)");
    text.line("g = self.gradients(g, prepared)");
    text.line("prepared = annotate(List[Tensor], [])");
    text.line("loss = torch.mul(total, seed)");
    text.line("norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g)))");
    // The sums stay infinite or not a number once they are, and then nothing is updated.
    text.line("torch.add_((self.sums)[0], loss)");
    text.line("torch.add_((self.sums)[1], norm)");
    text.line("torch.add_(%s, levels)".formatted(LevelScript.element(LevelScript.SUMS)));
    text.line("good = torch.isfinite(torch.add((self.sums)[0], (self.sums)[1]))");
    text.line("torch.add_((self.sums)[2], good)");
    take(text);
    text.line("bad = torch.to(torch.logical_not(good), 6)");
    text.line(String.format(Locale.ROOT, "lr = float(numbers[%d])", LR));
    update(text);
    for (int i = 0; i < setup.averages().size(); i++) {
      text.line(
          String.format(
              Locale.ROOT,
              "torch._foreach_lerp_(self.%s, self.weights, float(numbers[%d]))",
              average(i),
              AVERAGES + i));
    }
    text.line("return None");
    module.method(
        "step",
        "indices: Tensor, labels: Tensor, draws: List[Tensor], shared: List[Tensor], numbers: Tensor",
        "None",
        text.toString());
    ProgramText norms = new ProgramText();
    norms.line("device = ((self.pixels)[0]).device");
    here(norms);
    norms.line("seed = torch.full([], 1.0, dtype=6, layout=None, device=device, pin_memory=None)");
    norms.line("prepared = self.prepare()");
    norms.line(
        "total, g, u, levels, each = self.micro(indices, labels, draws, shared, seed, prepared)");
    norms.line("g = self.gradients(g, prepared)");
    norms.line("return [total, torch.stack(torch._foreach_norm(g)), each]");
    module.method(
        "norms",
        "indices: Tensor, labels: Tensor, draws: List[Tensor], shared: List[Tensor]",
        "List[Tensor]",
        norms.toString());
  }

  /** Indices and labels come from the CPU; the copy goes its way while the next calls are made. */
  private static void here(ProgramText text) {
    text.line("indices = torch.to(indices, device, 4, True)");
    text.line("labels = torch.to(labels, device, 4, True)");
  }

  /**
   * Gives weights the mean {@code u} of the new values that the parts' passes give them, which all
   * see the weights as they were: once a step, however many parts there are.
   */
  private void take(ProgramText text) {
    if (!program.updated().isEmpty()) {
      text.line("if torch.gt(parts, 1):");
      text.line("  torch._foreach_div_(u, parts)");
    }
    for (int i = 0; i < program.updated().size(); i++) {
      String weight = "(self.weights)[" + weightIndex.get(program.updated().get(i)) + "]";
      text.line("torch.copy_(" + weight + ", torch.where(good, u[" + i + "], " + weight + "))");
    }
  }

  /** The arguments of a micro-batch that begins at an image. */
  private String part(String from) {
    List<String> draws = new ArrayList<>();
    long images = program.draws().stream().filter(StepProgram::perImage).count();
    for (int i = 0; i < images; i++) {
      draws.add(String.format(Locale.ROOT, "torch.narrow(draws[%d], 0, %s, micro)", i, from));
    }
    String list =
        draws.isEmpty()
            ? "annotate(List[Tensor], [])"
            : draws.stream().collect(Collectors.joining(", ", "[", "]"));
    return String.format(
        Locale.ROOT,
        "torch.narrow(indices, 0, %1$s, micro), torch.narrow(labels, 0, %1$s, micro), %2$s",
        from,
        list);
  }

  /** Clipping, then the optimizer; both leave everything alone if {@code bad}. */
  private void update(ProgramText text) {
    if (setup.clipNorm() > 0) {
      text.line(
          "clip = torch.clamp_min(torch.div(torch.add(norm, %s), %s), 1.0)"
              .formatted(EagerStep.CLIP_EPSILON, setup.clipNorm()));
    } else {
      text.line("clip = torch.ones_like(norm)");
    }
    String number = String.format(Locale.ROOT, "float(numbers[%d])", UPDATE);
    Optimizer optimizer = setup.optimizer().optimizer();
    optimizer.lines(program.trained().size(), number).forEach(text::line);
  }
}
