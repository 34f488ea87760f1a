package io.github.diffusionhost.api.exchange;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says how a scheduler's options and the configs of scheduler classes of the {@code diffusers}
 * library say the same. There a class is a noise process with one sampler. Called on the thread of
 * the command; nothing is kept.
 *
 * @param <O> the options record
 */
public interface SchedulerExchange<O extends Record> {
  /** The classes that can be read; the first is the one that is written. */
  List<String> classNames();

  /**
   * Reads a config of one of the classes. Settings without a counterpart are noted in it; the
   * caller asks {@link ForeignConfig#requireUnderstood()} afterwards.
   *
   * @throws IllegalArgumentException if the settings do not fit together
   */
  ExchangedScheduler<O> read(ForeignConfig config);

  /**
   * Writes the config of the first class: every setting that its constructor takes, without those
   * that begin with an underscore.
   *
   * @return by name, in any order; values as in {@link ForeignConfig}
   * @throws IllegalArgumentException if the class cannot say what the options say; the message
   *     names the option
   */
  Map<String, @Nullable Object> write(ExchangedScheduler<O> scheduler);
}
