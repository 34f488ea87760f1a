package io.github.diffusionhost.plugins.cifar;

/** A label byte of a record: its place, how many values it takes, and the file that names them. */
enum LabelKind {
  CIFAR10_CLASS(0, 10, "batches.meta.txt"),
  CIFAR100_GROUP(0, 20, "coarse_label_names.txt"),
  CIFAR100_CLASS(1, 100, "fine_label_names.txt");

  private final int position;
  private final int classes;
  private final String namesFile;

  LabelKind(int position, int classes, String namesFile) {
    this.position = position;
    this.classes = classes;
    this.namesFile = namesFile;
  }

  /** Its place in the record. */
  int position() {
    return position;
  }

  /** How many values it takes, from 0. */
  int classes() {
    return classes;
  }

  /** The file of their names, one a line. */
  String namesFile() {
    return namesFile;
  }
}
