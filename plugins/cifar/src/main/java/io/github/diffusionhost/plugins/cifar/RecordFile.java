package io.github.diffusionhost.plugins.cifar;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** The records of a file that are in memory, checked. */
final class RecordFile {
  private final String where;
  private final CifarVariant variant;
  private final byte[] records;

  private RecordFile(String where, CifarVariant variant, byte[] records) {
    this.where = where;
    this.variant = variant;
    this.records = records;
  }

  /**
   * Checks size and labels.
   *
   * @param published how many records the published file has; the most that are allowed
   */
  static RecordFile check(StoredFile file, CifarVariant variant, int published) throws IOException {
    int bytes = variant.recordBytes();
    if (file.size() == 0 || file.size() % bytes != 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, which is no whole number of records of %,d: %s",
              file.where(),
              file.size(),
              bytes,
              explain(file, variant)));
    }
    if (file.size() / bytes > published) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds %,d records, and a file of %s %,d at most; get it again",
              file.where(),
              file.size() / bytes,
              variant.title(),
              published));
    }
    RecordFile checked = new RecordFile(file.where(), variant, file.head());
    checked.checkLabels();
    return checked;
  }

  private static String explain(StoredFile file, CifarVariant variant) {
    for (CifarVariant other : CifarVariant.values()) {
      if (other != variant && file.size() > 0 && file.size() % other.recordBytes() == 0) {
        return "it may be of %s; choose that as 'variant', or get it again"
            .formatted(other.title());
      }
    }
    return "it is truncated or something else; get it again";
  }

  /** Labels within their range, and each class always in the same group. */
  private void checkLabels() throws IOException {
    int[] groups = new int[variant.fine().classes()];
    Arrays.fill(groups, -1);
    LabelKind coarse = variant.coarse();
    for (int i = 0; i < count(); i++) {
      for (LabelKind kind : variant.labels()) {
        if (label(i, kind) >= kind.classes()) {
          throw new IOException(
              String.format(
                      Locale.ROOT,
                      "%s: label %d of record %d is not one of 0 to %d; the file is damaged or no file of",
                      where,
                      label(i, kind),
                      i,
                      kind.classes() - 1)
                  + " %s: get it again".formatted(variant.title()));
        }
      }
      int fine = label(i, variant.fine());
      int group = coarse == null ? -1 : label(i, coarse);
      if (groups[fine] >= 0 && groups[fine] != group) {
        throw new IOException(
            String.format(
                    Locale.ROOT,
                    "%s: class %d is in group %d in record %d and was in group %d before; the file is",
                    where,
                    fine,
                    group,
                    i,
                    groups[fine])
                + " damaged: get it again");
      }
      groups[fine] = group;
    }
  }

  /** How many records there are. */
  int count() {
    return records.length / variant.recordBytes();
  }

  /** A label of record {@code index}. */
  int label(int index, LabelKind kind) {
    return Byte.toUnsignedInt(records[index * variant.recordBytes() + kind.position()]);
  }

  /** Copies the pixels of record {@code index}. */
  void copyPixels(int index, byte[] target, int offset) {
    int from = index * variant.recordBytes() + variant.labelBytes();
    System.arraycopy(records, from, target, offset, CifarVariant.PIXELS);
  }
}
