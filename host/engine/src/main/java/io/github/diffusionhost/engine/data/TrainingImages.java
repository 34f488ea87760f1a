package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.engine.contract.DatasetTerms;
import java.io.IOException;

/** A dataset of a training: its images as bytes, and their labels. */
public sealed interface TrainingImages extends AutoCloseable
    permits ResidentDataset, StreamedDataset {
  /**
   * The images of a dataset, as {@link #of(ImageDataset, NDManager, long)} with {@link
   * ResidentLimit#of the limit of the device}.
   *
   * @throws IOException if an image cannot be read
   */
  static TrainingImages of(ImageDataset source, NDManager manager) throws IOException {
    return of(source, manager, ResidentLimit.of(manager.getDevice()));
  }

  /**
   * The images of a dataset: copied to the device if they fit, else, or if it is {@link
   * ImageDataset#mapped}, read ahead of each step. Every image that is not mapped is read once
   * here, so that one that cannot be read is told before anything is begun.
   *
   * @param source stays open, and is not closed with these
   * @param manager the scope and device of the images
   * @param most bytes of images that may be on the device for good
   * @throws IOException if an image cannot be read
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset breaks its
   *     contract
   */
  static TrainingImages of(ImageDataset source, NDManager manager, long most) throws IOException {
    new DatasetTerms(source).check();
    if (source.mapped()) {
      return StreamedDataset.of(source, manager);
    }
    ResidentLimit limit = new ResidentLimit(most);
    return limit.admits(source)
        ? ResidentDataset.load(source, manager)
        : StreamedDataset.checked(source, manager);
  }

  /** Their normalisation, augmentation and class names. */
  ImageDataset dataset();

  /** How many images there are. */
  int size();

  /** The size of every image. */
  ImageShape shape();

  /** Whether the images have labels. */
  boolean labelled();

  /** The label of an image. */
  int label(int index);

  /**
   * The SHA-256 of all pixels and labels. Images that are not in memory are read for it, once.
   *
   * @throws IOException if an image cannot be read
   */
  String sha256() throws IOException;

  /** The scope and device of the images. */
  NDManager manager();

  /**
   * Some images, [N,C,H,W] uint8, as a new array.
   *
   * @throws IOException if one cannot be read
   */
  NDArray choose(int[] indices) throws IOException;

  /**
   * Images on the device for steps that look at up to so many at a time. What it takes belongs to
   * the manager.
   */
  ImageWindow window(int images, NDManager manager);

  @Override
  void close();
}
