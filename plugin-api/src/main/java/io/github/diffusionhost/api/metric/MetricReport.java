package io.github.diffusionhost.api.metric;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a metric found.
 *
 * @param values named numbers, in the order to show them
 * @param figures pictures that belong to them
 * @param protocol what the numbers depend on (extractor, resize, split, …), so that only like is
 *     compared with like
 */
public record MetricReport(
    Map<String, Double> values, List<Figure> figures, Map<String, String> protocol) {
  /** Copies its parts and keeps their order. */
  public MetricReport {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    figures = List.copyOf(figures);
    protocol = Collections.unmodifiableMap(new LinkedHashMap<>(protocol));
  }

  /**
   * A picture.
   *
   * @param name a file name without ending: lower-case letters, digits and dashes
   * @param caption one line of text
   * @param png the bytes of a PNG file
   */
  @SuppressWarnings("ArrayRecordComponent") // figures are shown, never compared
  public record Figure(String name, String caption, byte[] png) {}
}
