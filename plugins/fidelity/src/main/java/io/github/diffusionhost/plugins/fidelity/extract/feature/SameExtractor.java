package io.github.diffusionhost.plugins.fidelity.extract.feature;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Features that are kept belong to the extractor that they came from. */
public final class SameExtractor {
  private SameExtractor() {}

  /** Writes which extractor it is. */
  public static void write(FeatureExtractor extractor, DataOutput out) throws IOException {
    out.writeUTF(extractor.sha256());
    out.writeUTF(extractor.input());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if it is another extractor
   */
  public static void check(FeatureExtractor extractor, DataInput in) throws IOException {
    boolean same = in.readUTF().equals(extractor.sha256());
    if (!in.readUTF().equals(extractor.input()) || !same) {
      throw new IOException("the extractor %s has changed since".formatted(extractor.name()));
    }
  }
}
