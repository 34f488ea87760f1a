package io.github.diffusionhost.api.options;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An options record read by reflection: the one source of binding, error messages, descriptions and
 * the configs' JSON schema.
 *
 * @param <O> the options record
 */
public final class OptionsSpec<O extends Record> {
  private static final Set<Class<?>> WHOLE =
      Set.of(int.class, long.class, Integer.class, Long.class);
  private static final Set<Class<?>> REAL =
      Set.of(float.class, double.class, Float.class, Double.class);

  private final Class<O> type;
  private final List<OptionSpec> options;

  private OptionsSpec(Class<O> type, List<OptionSpec> options) {
    this.type = type;
    this.options = List.copyOf(options);
  }

  /**
   * Reads the record's components and its values as defaults.
   *
   * @throws IllegalArgumentException if a component has no {@link Option} or a type that configs
   *     cannot hold
   */
  @SuppressWarnings("unchecked") // the class of an O
  public static <O extends Record> OptionsSpec<O> of(O defaults) {
    List<OptionSpec> options = new ArrayList<>();
    for (RecordComponent component : defaults.getClass().getRecordComponents()) {
      options.add(describe(component, read(component, defaults)));
    }
    return new OptionsSpec<>((Class<O>) defaults.getClass(), options);
  }

  /** The options in the order of the record. */
  public List<OptionSpec> options() {
    return options;
  }

  /** The record's class. */
  public Class<O> type() {
    return type;
  }

  /**
   * Makes a record: {@code values} by option name, the defaults for the rest. A value is a {@link
   * Boolean}, {@link Number}, {@link String} (texts, paths, enum names), record, or list of these.
   *
   * @throws IllegalArgumentException if the record's own constructor refuses the values, or a value
   *     is not of the option's type
   */
  public O create(Map<String, ? extends @Nullable Object> values) {
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      OptionSpec option = options.get(i);
      arguments[i] =
          values.containsKey(option.name())
              ? toJava(values.get(option.name()), components[i].getGenericType())
              : option.defaultValue();
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<O> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(type.getName() + " could not be made", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " could not be made", e);
    }
  }

  /** An enum constant as configs write it: {@code AS_PUBLISHED} is {@code as-published}. */
  public static String choiceName(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static OptionSpec describe(RecordComponent component, @Nullable Object value) {
    Option option = component.getAnnotation(Option.class);
    String where = component.getDeclaringRecord().getName() + "." + component.getName();
    if (option == null || option.value().isBlank()) {
      throw new IllegalArgumentException(where + " has no @Option line that says what it means");
    }
    boolean optional = value == null || isNullable(component);
    if (!optional && !option.absent().isEmpty()) {
      throw new IllegalArgumentException(
          where + " has a word for no value, " + option.absent() + ", and always has one");
    }
    return new OptionSpec(
        component.getName(),
        typeOf(component.getGenericType(), option, value, where),
        optional,
        value,
        option.value(),
        option.absent());
  }

  private static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  private static OptionType typeOf(Type type, Option option, @Nullable Object value, String where) {
    if (type == boolean.class || type == Boolean.class) {
      return new OptionType.Flag();
    } else if (type instanceof Class<?> c && WHOLE.contains(c)) {
      return new OptionType.Whole(whole(option.min(), c, true), whole(option.max(), c, false));
    } else if (type instanceof Class<?> c && REAL.contains(c)) {
      return new OptionType.Real(option.min(), option.max());
    } else if (type == String.class) {
      return new OptionType.Text(List.of(option.allowed()));
    } else if (type == Path.class) {
      return new OptionType.File();
    } else if (type instanceof Class<?> c && c.isEnum()) {
      return new OptionType.Choice(
          Arrays.stream(c.getEnumConstants()).map(e -> choiceName((Enum<?>) e)).toList());
    } else if (type == Cadence.class) {
      return new OptionType.Every(Cadence.Unit.STEPS);
    } else if (type instanceof Class<?> c && c.isRecord() && value instanceof Record record) {
      return new OptionType.Group(OptionsSpec.of(record));
    } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      Object first =
          value instanceof Collection<?> all && !all.isEmpty() ? all.iterator().next() : null;
      return new OptionType.Many(typeOf(list.getActualTypeArguments()[0], option, first, where));
    }
    throw new IllegalArgumentException(
        where + " has a type that configs cannot hold: " + type.getTypeName());
  }

  private static long whole(double bound, Class<?> type, boolean low) {
    if (Double.isFinite(bound)) {
      return (long) bound;
    }
    boolean narrow = type == int.class || type == Integer.class;
    return low
        ? (narrow ? Integer.MIN_VALUE : Long.MIN_VALUE)
        : (narrow ? Integer.MAX_VALUE : Long.MAX_VALUE);
  }

  private static @Nullable Object read(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " could not be read", e);
    }
  }

  private static @Nullable Object toJava(@Nullable Object value, Type type) {
    if (value == null) {
      return null;
    } else if (type instanceof ParameterizedType list && value instanceof List<?> elements) {
      Type element = list.getActualTypeArguments()[0];
      return elements.stream().map(e -> toJava(e, element)).toList();
    } else if (type == Cadence.class && (value instanceof Number || value instanceof String)) {
      return Cadence.parse(value.toString(), Cadence.Unit.STEPS);
    } else if (value instanceof Number number) {
      return toNumber(number, type);
    } else if (value instanceof String text && type == Path.class) {
      return Path.of(text);
    } else if (value instanceof String text && type instanceof Class<?> c && c.isEnum()) {
      return Arrays.stream(c.getEnumConstants())
          .filter(e -> choiceName((Enum<?>) e).equals(text))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(text + " is not a " + c.getName()));
    }
    return value;
  }

  private static Number toNumber(Number number, Type type) {
    if (type == int.class || type == Integer.class) {
      return Math.toIntExact(number.longValue());
    } else if (type == long.class || type == Long.class) {
      return number.longValue();
    } else if (type == float.class || type == Float.class) {
      return number.floatValue();
    } else if (type == double.class || type == Double.class) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(number + " is a number, and the option is not");
  }
}
