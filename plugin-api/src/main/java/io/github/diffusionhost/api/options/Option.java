package io.github.diffusionhost.api.options;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Documents one component of an options record.
 *
 * <p>A component is {@code boolean}, {@code int}, {@code long}, {@code float}, {@code double},
 * {@link String}, {@link java.nio.file.Path}, an enum (written in a config as lower-case words with
 * dashes), another options record, or a {@link java.util.List} of any of these. A component that
 * may be absent is a boxed type or a reference marked {@link org.jspecify.annotations.Nullable}.
 *
 * <p>In Kotlin: a {@code @JvmRecord data class} whose properties carry {@code @all:Option("…")}.
 * (Kotlin reaches a record component only through an annotation that fits the field too.)
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface Option {
  /** What the option means, in one line, with its unit. */
  String value();

  /** The smallest value of a number, or of each number of a list. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest value of a number, or of each number of a list. */
  double max() default Double.POSITIVE_INFINITY;

  /** The values that a string may take; empty: any. */
  String[] allowed() default {};

  /** A word that a config may write for no value, such as {@code auto}; empty: none. */
  String absent() default "";
}
