package io.github.diffusionhost.api.exchange;

import io.github.diffusionhost.api.text.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a class of another library, as its config file gives them, read one by one.
 *
 * <p>What is wrong is collected, and {@link #requireUnderstood()} says all of it at once: values of
 * another kind, values that have no counterpart here, and settings that nobody asked about. Until
 * then a setting that cannot be used reads as its default.
 *
 * <p>Names that begin with an underscore are the library's notes to itself and no settings.
 */
public final class ForeignConfig {
  private static final String CLASS_NAME = "_class_name";
  private static final int LONGEST_REASON = 300;

  private final String where;
  private final String className;
  private final Map<String, @Nullable Object> values;
  private final Set<String> unread;
  private final Map<String, String> problems = new LinkedHashMap<>();

  /**
   * A config.
   *
   * @param where what messages call the file
   * @param values by name: null, {@link Boolean}, {@link Long}, {@link Double}, {@link String}, or
   *     a {@link List} or {@link Map} of these
   * @throws IllegalArgumentException if it does not name its class
   */
  public ForeignConfig(String where, Map<String, ? extends @Nullable Object> values) {
    this.where = where;
    this.values = new LinkedHashMap<>(values);
    if (!(values.get(CLASS_NAME) instanceof String name)) {
      throw new IllegalArgumentException(
          where + " does not say which class it is of: " + CLASS_NAME + " is missing");
    }
    this.className = name;
    this.unread = new HashSet<>(values.keySet());
    unread.removeIf(key -> key.startsWith("_"));
  }

  /** What messages call the file. */
  public String where() {
    return where;
  }

  /** The class that the config is of. */
  public String className() {
    return className;
  }

  /** Whether a setting is there and not null. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  /** True or false. */
  public boolean flag(String key, boolean otherwise) {
    Object value = take(key, otherwise);
    return value instanceof Boolean flag ? flag : wrong(key, "true or false", otherwise);
  }

  /** A whole number of 32 bits. */
  public int whole(String key, int otherwise) {
    Integer value = asInt(take(key, (long) otherwise));
    return value != null ? value : wrong(key, "a whole number", otherwise);
  }

  /** A whole number of 32 bits, or null if the setting is null. */
  public @Nullable Integer wholeOrNull(String key, @Nullable Integer otherwise) {
    Object value = take(key, otherwise == null ? null : Long.valueOf(otherwise));
    if (value == null) {
      return null;
    }
    Integer whole = asInt(value);
    if (whole == null) {
      refuse(key, isNot(key, "a whole number"));
      return otherwise;
    }
    return whole;
  }

  /** A finite number. */
  public double real(String key, double otherwise) {
    Double value = asReal(take(key, otherwise));
    return value != null ? value : wrong(key, "a number", otherwise);
  }

  /** A text. */
  public String text(String key, String otherwise) {
    Object value = take(key, otherwise);
    return value instanceof String text ? text : wrong(key, "a text", otherwise);
  }

  /** A list of texts. */
  public List<String> texts(String key, List<String> otherwise) {
    if (take(key, otherwise) instanceof List<?> list
        && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    return wrong(key, "a list of texts", otherwise);
  }

  /** A list of whole numbers of 32 bits. */
  public List<Integer> wholes(String key, List<Integer> otherwise) {
    List<Integer> numbers = new ArrayList<>();
    List<Long> given = otherwise.stream().map(Integer::longValue).toList();
    if (take(key, given) instanceof List<?> list) {
      for (Object element : list) {
        Integer number = asInt(element);
        if (number != null) {
          numbers.add(number);
        }
      }
      if (numbers.size() == list.size()) {
        return List.copyOf(numbers);
      }
    }
    return wrong(key, "a list of whole numbers", otherwise);
  }

  /** A whole number as a list of one, or a list of whole numbers; empty if null or absent. */
  public List<Integer> wholeOrWholes(String key) {
    if (!has(key)) {
      ignore(key);
      return List.of();
    }
    return values.get(key) instanceof List ? wholes(key, List.of()) : List.of(whole(key, 0));
  }

  /** A list of finite numbers; empty if the setting is null or absent. */
  public List<Double> reals(String key) {
    Object value = take(key, null);
    List<Double> numbers = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        Double number = asReal(element);
        if (number != null) {
          numbers.add(number);
        }
      }
      if (numbers.size() == list.size()) {
        return List.copyOf(numbers);
      }
    }
    return value == null ? List.of() : wrong(key, "a list of numbers", List.of());
  }

  /**
   * One of some words, and what it means here.
   *
   * @param otherwise one of {@code meanings}, for a setting that is absent
   */
  public <T> T choice(String key, String otherwise, Map<String, T> meanings) {
    Object value = take(key, otherwise);
    T meaning = value instanceof String word ? meanings.get(word) : null;
    if (meaning != null) {
      return meaning;
    }
    unsupported(key, meanings.keySet().stream().sorted().toArray());
    T fallback = meanings.get(otherwise);
    if (fallback == null) {
      throw new IllegalArgumentException(otherwise + " is none of " + meanings.keySet());
    }
    return fallback;
  }

  /**
   * A setting that must have one of these values, or be absent. Numbers are compared as numbers.
   *
   * @param supported null, {@link Boolean}, {@link Number}, {@link String}, {@link List}
   */
  public void require(String key, @Nullable Object... supported) {
    unread.remove(key);
    if (values.containsKey(key)
        && Arrays.stream(supported).noneMatch(value -> same(values.get(key), value))) {
      unsupported(key, supported);
    }
  }

  /** Settings that mean nothing, given what the others are. */
  public void ignore(String... keys) {
    unread.removeAll(List.of(keys));
  }

  /** Notes that a setting cannot be used. */
  public void refuse(String key, String why) {
    unread.remove(key);
    problems.putIfAbsent(key, Printable.line(why, LONGEST_REASON));
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException if there are settings that have no counterpart here, or that
   *     nobody has asked about; the message names them all
   */
  public void requireUnderstood() {
    List<String> all = new ArrayList<>();
    problems.forEach((key, problem) -> all.add(key + " " + problem));
    unread.stream()
        .sorted()
        .forEach(
            key ->
                all.add(
                    Printable.name(key) + " is unknown (it is " + Words.of(values.get(key)) + ")"));
    if (!all.isEmpty()) {
      throw new IllegalArgumentException(
          where + " (" + Printable.name(className) + ") cannot be used: " + String.join("; ", all));
    }
  }

  private @Nullable Object take(String key, @Nullable Object otherwise) {
    unread.remove(key);
    return values.containsKey(key) ? values.get(key) : otherwise;
  }

  private <T> T wrong(String key, String kind, T otherwise) {
    refuse(key, isNot(key, kind));
    return otherwise;
  }

  private String isNot(String key, String kind) {
    return "is " + Words.of(values.get(key)) + " and not " + kind;
  }

  private void unsupported(String key, @Nullable Object[] supported) {
    String words = Arrays.stream(supported).map(Words::of).collect(Collectors.joining(" or "));
    refuse(key, "is " + Words.of(values.get(key)) + " (supported: " + words + ")");
  }

  private static boolean same(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return x.doubleValue() == y.doubleValue();
    }
    return a == null ? b == null : a.equals(b);
  }

  private static @Nullable Integer asInt(@Nullable Object value) {
    return value instanceof Long number && number.intValue() == number ? number.intValue() : null;
  }

  private static @Nullable Double asReal(@Nullable Object value) {
    return value instanceof Number number && Double.isFinite(number.doubleValue())
        ? Double.valueOf(number.doubleValue())
        : null;
  }
}
