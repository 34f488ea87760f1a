package io.github.diffusionhost.plugins.fidelity.metric;

import io.github.diffusionhost.plugins.fidelity.extract.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.Reference;
import java.util.LinkedHashMap;
import java.util.Map;

/** What numbers depend on, in words, in the order to show it. */
final class Protocol {
  private final Map<String, String> entries = new LinkedHashMap<>();

  Protocol with(String what, Object how) {
    entries.put(what, how.toString());
    return this;
  }

  Protocol extractor(FeatureExtractor extractor) {
    return with("extractor", extractor.name())
        .with("extractor sha256", extractor.sha256())
        .with("extractor input", extractor.input());
  }

  Protocol reference(Reference reference) {
    return with("reference images", reference.words()).with("reference sha256", reference.sha256());
  }

  Map<String, String> entries() {
    return entries;
  }
}
