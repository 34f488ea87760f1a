package io.github.diffusionhost.engine.log;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * When things were logged, by the event files that are there: {@code metrics.jsonl} has no times of
 * day.
 *
 * @param times seconds since 1970 by what comes before the slash of a tag, and step
 */
record EventHistory(Map<String, Map<Long, Double>> times) {
  static final EventHistory NONE = new EventHistory(Map.of());

  static EventHistory of(EventFiles files) throws IOException {
    EventHistory history = new EventHistory(new HashMap<>());
    files.read(
        record -> {
          try {
            history.add(new ProtoReader(record));
          } catch (BufferUnderflowException
              | IllegalArgumentException
              | IndexOutOfBoundsException e) {
            // Checksums are right, so that it is an event of a kind that is none of ours.
          }
        });
    return history;
  }

  /** When a tag was logged first at a step; {@code otherwise} if that is not known. */
  double time(String tag, long step, double otherwise) {
    return times.getOrDefault(group(tag), Map.of()).getOrDefault(step, otherwise);
  }

  /** When the first thing was logged; now, if nothing was. */
  double first() {
    return times.values().stream()
        .flatMap(steps -> steps.values().stream())
        .min(Double::compare)
        .orElse(System.currentTimeMillis() / 1000.0);
  }

  private void add(ProtoReader event) {
    double time = 0;
    long step = 0;
    for (int field = event.next(); field != 0; field = event.next()) {
      switch (field) {
        case 1 -> time = event.fixed64();
        case 2 -> step = event.varint();
        case 5 ->
            times
                .computeIfAbsent(group(tag(event.message())), key -> new HashMap<>())
                .putIfAbsent(step, time);
        default -> event.skip();
      }
    }
  }

  private static String tag(ByteBuffer summary) {
    ProtoReader values = new ProtoReader(summary);
    values.next();
    ProtoReader value = new ProtoReader(values.message());
    value.next();
    return value.text();
  }

  private static String group(String tag) {
    int slash = tag.indexOf('/');
    return slash < 0 ? tag : tag.substring(0, slash);
  }
}
