package io.github.diffusionhost.plugins.cifar;

import io.github.diffusionhost.api.dataset.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a split. A set that is complete has every file at its published size. A set none of whose
 * files has that size is somebody's sample: it is used as it is, with a warning. Anything between
 * is a set that was damaged, and an error.
 */
record CifarReader(CifarStore store, CifarVariant variant, Split split) {
  private static final Logger LOG = LoggerFactory.getLogger(CifarReader.class);

  /**
   * Reads names and records.
   *
   * @param kind the labels to name; null for none
   * @param limit the most records to keep of each file
   */
  CifarRecords read(@Nullable LabelKind kind, int limit) throws IOException {
    int published = variant.recordsPerFile(split);
    Map<String, Integer> wanted = new HashMap<>();
    variant
        .files(split)
        .forEach(name -> wanted.put(name, Math.min(limit, published) * variant.recordBytes()));
    if (kind != null) {
      wanted.put(kind.namesFile(), ClassNames.LARGEST_FILE);
    }
    Map<String, StoredFile> found = store.read(wanted);
    List<StoredFile> present =
        variant.files(split).stream().filter(found::containsKey).map(found::get).toList();
    List<RecordFile> files = new ArrayList<>();
    for (StoredFile file : present) {
      files.add(RecordFile.check(file, variant, published));
    }
    checkWhole(found, present);
    return new CifarRecords(kind == null ? List.of() : names(found, kind), files);
  }

  private void checkWhole(Map<String, StoredFile> found, List<StoredFile> present)
      throws IOException {
    List<String> names = variant.files(split);
    long whole = (long) variant.recordsPerFile(split) * variant.recordBytes();
    List<StoredFile> shorter = present.stream().filter(file -> file.size() < whole).toList();
    if (!present.isEmpty() && shorter.size() == present.size()) {
      LOG.warn(
          "{} is not the whole of {}: {} of its {} {} images",
          store.path(),
          variant.title(),
          present.stream().mapToLong(StoredFile::size).sum() / variant.recordBytes(),
          names.size() * variant.recordsPerFile(split),
          split == Split.TRAIN ? "training" : "test");
      return;
    }
    if (present.size() < names.size()) {
      throw missing(names.stream().filter(name -> !found.containsKey(name)).toList());
    }
    if (!shorter.isEmpty()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d of %,d bytes: it is truncated; get it again",
              shorter.get(0).where(),
              shorter.get(0).size(),
              whole));
    }
  }

  private List<String> names(Map<String, StoredFile> found, LabelKind kind) throws IOException {
    StoredFile file = found.get(kind.namesFile());
    if (file == null) {
      throw missing(List.of(kind.namesFile()));
    }
    return ClassNames.parse(file, kind.classes());
  }

  private IOException missing(List<String> names) {
    return new IOException(
        "%s does not hold %s of %s's binary version; put %s there, or unpack %s again"
            .formatted(
                store.path(),
                String.join(", ", names),
                variant.title(),
                names.size() == 1 ? "it" : "them",
                variant.archive().path()));
  }
}
