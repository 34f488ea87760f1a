package io.github.diffusionhost.api.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A scope for code between the forward and the end of the backward pass: like {@link NDScope} it
 * closes every array that is made in it, and it keeps the memory that they were made from.
 *
 * <p>DJL 0.35.1 needs that on the CPU. An array that is created from Java values uses the memory of
 * a direct buffer, which it lets go when it is closed; and {@code x.mul(0.5)} closes the array that
 * it makes of 0.5 at once, although the backward pass will read it. If a garbage collection comes
 * in between, the gradient is wrong, silently.
 *
 * <p>DJL lets one gradient collector be open in a process. Open it inside a scope of this kind:
 * threads that want one wait here for each other.
 */
public final class GradientScope extends NDScope {
  // As static as DJL's own mark that a collector is open.
  private static final ReentrantLock TURN = new ReentrantLock();

  private final List<Object> kept = new ArrayList<>();
  private final ClassValue<Field> memoryOf =
      new ClassValue<>() {
        @Override
        protected Field computeValue(Class<?> type) {
          return field(type, "dataRef");
        }
      };

  /** Opens the scope on this thread, once no other thread has one. */
  public GradientScope() {
    TURN.lock();
    write(field(NDScope.class, "resources"), this, new Registry());
  }

  /** Closes every array of the scope, and then lets the memory go. */
  @Override
  public void close() {
    try {
      super.close();
      kept.clear();
    } finally {
      TURN.unlock();
    }
  }

  /** Sees every array of this scope when it is made, its memory already attached. */
  private final class Registry extends IdentityHashMap<NDArray, NDArray> {
    private static final long serialVersionUID = 1L;

    @Override
    public NDArray put(NDArray array, NDArray same) {
      Object memory = read(memoryOf.get(array.getClass()), array);
      if (memory != null) {
        kept.add(memory);
      }
      return super.put(array, same);
    }
  }

  private static Field field(Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(
          type.getName() + " has no field " + name + ": this is not the DJL of this release", e);
    }
  }

  private static @Nullable Object read(Field field, Object owner) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " cannot be read", e);
    }
  }

  private static void write(Field field, Object owner, Object value) {
    try {
      field.set(owner, value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " cannot be written", e);
    }
  }
}
