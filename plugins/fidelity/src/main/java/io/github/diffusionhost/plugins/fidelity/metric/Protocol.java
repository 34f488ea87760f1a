package io.github.diffusionhost.plugins.fidelity.metric;

import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Reference;
import java.util.LinkedHashMap;
import java.util.Map;

/** What numbers depend on, in words, in the order to show it. */
public final class Protocol {
  private final Map<String, String> entries = new LinkedHashMap<>();

  public Protocol with(String what, Object how) {
    entries.put(what, how.toString());
    return this;
  }

  public Protocol extractor(FeatureExtractor extractor) {
    return with("extractor", extractor.name())
        .with("extractor sha256", extractor.sha256())
        .with("extractor input", extractor.input());
  }

  public Protocol reference(Reference reference) {
    return with("reference images", reference.words()).with("reference sha256", reference.sha256());
  }

  public Map<String, String> entries() {
    return entries;
  }
}
