package io.github.diffusionhost.plugins.cifar;

import java.util.List;

/**
 * What was read of a split.
 *
 * @param classNames the names of its labels; empty if they are not wanted
 * @param files at least one
 */
record CifarRecords(List<String> classNames, List<RecordFile> files) {
  /** How many records there are. */
  int count() {
    return files.stream().mapToInt(RecordFile::count).sum();
  }

  /** Copies the pixels of record {@code index}. */
  void copyPixels(int index, byte[] target, int offset) {
    Place place = find(index);
    place.file().copyPixels(place.index(), target, offset);
  }

  /** A label of record {@code index}. */
  int label(int index, LabelKind kind) {
    Place place = find(index);
    return place.file().label(place.index(), kind);
  }

  private record Place(RecordFile file, int index) {}

  private Place find(int index) {
    int within = index;
    for (RecordFile file : files) {
      if (within < file.count()) {
        return new Place(file, within);
      }
      within -= file.count();
    }
    throw new IndexOutOfBoundsException(index);
  }
}
