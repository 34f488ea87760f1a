package io.github.diffusionhost.engine.trace.steady;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * The numbers and texts in the fields of some objects, and of those that they hold: fields of their
 * classes too, elements of arrays and collections. Arrays of DJL count as nothing, and neither does
 * what the JDK hides.
 *
 * <p>Found breadth first, up to {@value #MOST} objects.
 */
final class JavaState {
  private static final int MOST = 20_000;

  /** Of arrays of numbers the first so many elements count. */
  private static final int ELEMENTS = 4096;

  /** Longer values are not shown. */
  private static final int READABLE = 40;

  /** Classes of these packages have no state of a plugin. */
  private static final List<String> OPAQUE =
      List.of("java.", "javax.", "jdk.", "sun.", "kotlin.", "org.slf4j.", "ch.qos.", "ai.djl.nd");

  private record Found(String path, String name, Object object) {}

  /** What is there by the way to it: the name of the field, and the value. */
  private final Map<String, Map.Entry<String, Object>> values = new LinkedHashMap<>();

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Found> next = new ArrayDeque<>();

  private JavaState() {}

  /** The present state. */
  static JavaState of(Collection<?> objects) {
    JavaState state = new JavaState();
    objects.forEach(object -> state.next.add(new Found("", "", object)));
    while (!state.next.isEmpty() && state.seen.size() < MOST) {
      state.visit(state.next.remove());
    }
    return state;
  }

  /** The first field that differs later, in words; null if there is none. */
  @Nullable String changed(JavaState later) {
    for (Map.Entry<String, Map.Entry<String, Object>> entry : values.entrySet()) {
      Map.Entry<String, Object> other = later.values.get(entry.getKey());
      Object before = entry.getValue().getValue();
      if (other != null && !before.equals(other.getValue())) {
        String name = entry.getValue().getKey();
        return before instanceof List<?> || before.toString().length() > READABLE
            ? name + " changed"
            : "%s went from %s to %s".formatted(name, before, other.getValue());
      }
    }
    return null;
  }

  private void visit(Found found) {
    Object object = found.object;
    Object value = value(object);
    if (value != null) {
      values.put(found.path, Map.entry(found.name, value));
    } else if (seen.add(object)) {
      open(object, found);
    }
  }

  /** What an object of one value is compared by; null if it is one of several. */
  private static @Nullable Object value(Object object) {
    Class<?> type = object.getClass();
    if (object instanceof Boolean || object instanceof Character || object instanceof Enum<?>) {
      return object;
    } else if (object instanceof Random random) {
      return serialized(random);
    } else if (type.isArray() && type.getComponentType().isPrimitive()) {
      Object[] elements = new Object[Math.min(ELEMENTS, Array.getLength(object))];
      Arrays.setAll(elements, i -> Array.get(object, i));
      return Arrays.asList(elements);
    }
    // As text: AtomicInteger, LongAdder and StringBuilder go on changing.
    if (object instanceof Buffer buffer) {
      return List.of(buffer.position(), buffer.limit());
    }
    return object instanceof Number
            || object instanceof CharSequence
            || object instanceof AtomicBoolean
            || object instanceof BitSet
            || object instanceof Matcher
            || object instanceof AtomicIntegerArray
            || object instanceof AtomicLongArray
        ? object.toString()
        : null;
  }

  private static Object serialized(Random random) {
    try (ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(random);
      out.flush();
      return bytes.toString(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "not known"; // one that cannot be written has no state that we could see
    }
  }

  private void open(Object object, Found found) {
    if (object instanceof NDArray
        || object instanceof NDManager
        || object instanceof Parameter
        || object instanceof Class<?>
        || object instanceof ClassLoader
        || object instanceof Thread) {
      return;
    } else if (object instanceof Object[] elements) {
      elements(Arrays.asList(elements), found);
    } else if (object instanceof Map<?, ?> map && ofJava(map)) {
      elements(map.values(), found);
    } else if (object instanceof Collection<?> collection && ofJava(collection)) {
      elements(collection, found);
    } else if (object instanceof AtomicReference<?> reference) {
      next.add(new Found(found.path + ".value", found.name, orNull(reference.get())));
    } else if (Proxy.isProxyClass(object.getClass())) {
      next.add(new Found(found.path + ".h", found.name, Proxy.getInvocationHandler(object)));
    } else {
      for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
        String name = type.getName();
        if (OPAQUE.stream().anyMatch(name::startsWith)) {
          return;
        }
        fields(type, object, found.path);
        ofClass(type);
        ofClass(type.getNestHost());
      }
    }
  }

  private static boolean ofJava(Object collection) {
    return collection.getClass().getName().startsWith("java.util.");
  }

  private void elements(Collection<?> elements, Found found) {
    values.put(found.path + "#", Map.entry("the size of " + found.name, elements.size()));
    Object[] all = elements.toArray();
    for (int i = 0; i < Math.min(MOST, all.length); i++) {
      next.add(new Found(found.path + "[" + i + "]", found.name, orNull(all[i])));
    }
  }

  private static Object orNull(@Nullable Object object) {
    return Objects.requireNonNullElse(object, "null");
  }

  private void ofClass(Class<?> type) {
    if (seen.add(type)) {
      fields(type, null, type.getName());
    }
  }

  /** The fields of an object that a class has declared; those of the class itself for null. */
  private void fields(Class<?> type, @Nullable Object object, String path) {
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) == (object == null)) {
        String name = type.getName() + "." + field.getName() + origin(type);
        read(field, object)
            .ifPresent(of -> next.add(new Found(path + "." + field.getName(), name, of)));
      }
    }
  }

  /** The class loaders of plugins have names, which say whose a class is. */
  private static String origin(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    String name = loader == null ? null : loader.getName();
    return name == null || name.equals("app") ? "" : " (" + name + ")";
  }

  /** Nothing if it is closed to us: what is behind it is not seen. */
  private static Optional<Object> read(Field field, @Nullable Object object) {
    try {
      field.setAccessible(true);
      return Optional.of(orNull(field.get(object)));
    } catch (IllegalAccessException | RuntimeException | LinkageError e) {
      return Optional.empty(); // closed to us
    }
  }
}
