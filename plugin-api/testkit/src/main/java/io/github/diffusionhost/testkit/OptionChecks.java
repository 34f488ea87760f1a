package io.github.diffusionhost.testkit;

import io.github.diffusionhost.api.Provider;
import io.github.diffusionhost.api.options.OptionSpec;
import io.github.diffusionhost.api.options.OptionType;
import io.github.diffusionhost.api.options.OptionsSpec;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What holds for the name, the summary, the options and the presets of every provider. */
final class OptionChecks {
  static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  private OptionChecks() {}

  static <O extends Record> List<Check> of(Provider<O> provider) {
    return List.of(
        new Check("the class can be made without arguments", () -> constructor(provider)),
        new Check(
            "the name is lower-case letters, digits and dashes", () -> named(provider.name())),
        new Check("the summary is one line without a full stop", () -> summary(provider)),
        new Check("the defaults are documented and allowed", () -> allowed(provider.defaults())),
        new Check("every option binds", () -> binds(provider.defaults())),
        new Check("every preset is allowed and binds", () -> presets(provider)));
  }

  /** The options of a record are documented and its values lie within their own ranges. */
  static void allowed(Record record) {
    for (OptionSpec option : OptionsSpec.of(record).options()) {
      Expect.that(
          option.doc().lines().count() == 1, () -> option.name() + ": documentation of many lines");
      allowed(option.name(), option.type(), option.defaultValue(), option.optional());
    }
  }

  /** A record made from its own values, as a config would give them, is equal to it. */
  static <O extends Record> void binds(O record) {
    OptionsSpec<O> spec = OptionsSpec.of(record);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (OptionSpec option : spec.options()) {
      values.put(option.name(), asInConfig(option.defaultValue()));
    }
    O bound = spec.create(values);
    Expect.that(bound.equals(record), () -> "bound " + bound + ", not " + record);
  }

  private static void constructor(Provider<?> provider) {
    Class<?> type = provider.getClass();
    Expect.that(
        Modifier.isPublic(type.getModifiers())
            && Arrays.stream(type.getConstructors()).anyMatch(c -> c.getParameterCount() == 0),
        () -> type.getName() + " needs to be public, with a public constructor without parameters");
  }

  static void named(String name) {
    Expect.that(NAME.matcher(name).matches(), () -> "the name is '" + name + "'");
  }

  private static void summary(Provider<?> provider) {
    String summary = provider.summary();
    Expect.that(
        !summary.isBlank() && summary.lines().count() == 1 && !summary.endsWith("."),
        () -> "the summary is '" + summary + "'");
  }

  private static <O extends Record> void presets(Provider<O> provider) {
    provider
        .presets()
        .forEach(
            (name, preset) -> {
              named(name);
              Expect.that(
                  preset.getClass() == provider.defaults().getClass(),
                  () -> "preset " + name + " is a " + preset.getClass().getName());
              allowed(preset);
              binds(preset);
            });
  }

  private static void allowed(
      String name, OptionType type, @Nullable Object value, boolean optional) {
    if (value == null) {
      Expect.that(optional, () -> name + " is null and not marked @Nullable");
    } else if (type instanceof OptionType.Whole whole && value instanceof Number number) {
      inRange(name, number.doubleValue(), whole.min(), whole.max());
    } else if (type instanceof OptionType.Real real && value instanceof Number number) {
      inRange(name, number.doubleValue(), real.min(), real.max());
    } else if (type instanceof OptionType.Text text && !text.allowed().isEmpty()) {
      Expect.that(
          text.allowed().contains(value), () -> name + " is " + value + ", not " + text.describe());
    } else if (type instanceof OptionType.Many many && value instanceof List<?> elements) {
      elements.forEach(element -> allowed(name, many.element(), element, false));
    } else if (value instanceof Record group) {
      allowed(group);
    }
  }

  private static void inRange(String name, double value, double min, double max) {
    Expect.that(
        value >= min && value <= max,
        () -> name + " is " + value + ", outside its own range from " + min + " to " + max);
  }

  private static @Nullable Object asInConfig(@Nullable Object value) {
    if (value instanceof Enum<?> constant) {
      return OptionsSpec.choiceName(constant);
    } else if (value instanceof Path path) {
      return path.toString();
    } else if (value instanceof List<?> elements) {
      return elements.stream().map(OptionChecks::asInConfig).toList();
    }
    return value;
  }
}
